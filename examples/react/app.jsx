// npm install react react-dom esbuild
// npx esbuild app.jsx --bundle --jsx=automatic --outfile=app.js
import { StrictMode, useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";

const WORDS = { button: "Ask a colleague" };

function Knowledge({ words, getToken, onSelect }) {
  const element = useRef(null);
  // Set here and not as attributes, they are there whether the script came before React or after it.
  useEffect(() => {
    Object.assign(element.current, { words, getToken });
  }, [words, getToken]);
  useEffect(() => {
    const one = element.current;
    one.addEventListener("whoknows:select", onSelect);
    return () => one.removeEventListener("whoknows:select", onSelect);
  }, [onSelect]);
  // React takes an attribute "key" for itself: it is "site-key" here.
  return <whoknows-search ref={element} endpoint="https://whoknows.example.org" site-key="wks_YOUR_SITE_KEY" />;
}

function App() {
  const [shown, show] = useState(true);
  const [last, open] = useState("nothing yet");
  return (
    <main>
      <h1>A React page with whoknows</h1>
      <button onClick={() => show(!shown)}>{shown ? "Hide" : "Show"} the search</button>
      {shown && <Knowledge words={WORDS} onSelect={({ detail }) => open(detail.url)} />}
      <p>
        Opened last: <output>{last}</output>
      </p>
    </main>
  );
}

createRoot(document.querySelector("#root")).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
