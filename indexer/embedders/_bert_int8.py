"""BERT's weights -> one int8 graph for onnxruntime: what `_quantised` runs once, aside.

The graph takes one text at a time, shape (1, tokens), and gives its vector, shape (1, dimension),
pooled and of norm 1. So nothing is padded, and no other text has a part in a vector.

The matrices are int8 with one scale an output; what is multiplied with them is made uint8 while it
runs, with one scale a text. Two things keep that exact (docs/decisions/0019 has the figures):

- Some channels are always large, and would leave the others few steps. A scale a channel moves
  from what a normalisation gives into the matrix after it, half of the way (SmoothQuant, Xiao et
  al. 2023, alpha 0.5). The scales come from running the model on a fixed list of tokens.
- After GELU it is single tokens that are large: there each token is divided by its largest value.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

from indexer.embedders import _files
from indexer.embedders._tokens import Tokens
from knowledge.errors import InvalidSettings

Floats = NDArray[np.float32]
_CONTRIB = "com.microsoft"  # operators that onnxruntime adds to the standard's
_LARGEST = 127.0
_GELU_LOWEST = 0.17  # GELU gives at least -0.16998; what is below that in size may stay small
_MIGRATION = 0.5
_CALIBRATION = [16, 32, 64, 128] * 4  # tokens of each text
_STRIDE = 7919  # a prime, so that the tokens come from everywhere in the vocabulary


@dataclass(frozen=True, slots=True)
class Bert:
    """What of a model's directory decides its graph. ``weights`` by their names in the file."""

    weights: dict[str, Floats]
    layers: int
    heads: int
    epsilon: float
    first_token_only: bool
    """The vector is the first token's, not the mean of all."""

    def matrix(self, name: str) -> tuple[Floats, Floats]:
        """Weight, shape (outputs, inputs), and bias of a linear layer."""
        return self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]

    def attention(self, layer: int) -> tuple[Floats, Floats]:
        """Query, key and value as one linear layer."""
        parts = [
            self.matrix(f"encoder.layer.{layer}.attention.self.{name}")
            for name in ("query", "key", "value")
        ]
        return np.concatenate([w for w, _ in parts]), np.concatenate([b for _, b in parts])


def read(directory: Path) -> Bert:
    """Raises InvalidSettings for a model that is not BERT with mean or first-token pooling."""
    config = _files.read_json(directory / "config.json")
    expected = {"model_type": "bert", "hidden_act": "gelu"}
    absolute = config.get("position_embedding_type", "absolute") == "absolute"
    if not absolute or any(config.get(key) != value for key, value in expected.items()):
        raise InvalidSettings(f"{directory} is not a BERT model as int8 is made for")
    if _files.steps(directory) not in ("transformer+pooling", "transformer+pooling+normalize"):
        raise InvalidSettings(f"{directory} has steps that int8 is not made for")
    pooling = _files.read_json(directory / "1_Pooling" / "config.json")
    chosen = {key for key, value in pooling.items() if key.startswith("pooling_mode") and value}
    modes = ({"pooling_mode_mean_tokens"}, {"pooling_mode_cls_token"})
    if chosen not in modes:
        raise InvalidSettings(f"{directory} pools in a way that int8 is not made for")
    held = load_file(directory / _files.WEIGHTS)
    try:
        return Bert(
            {k.removeprefix("bert."): v.astype(np.float32) for k, v in held.items()},
            layers=int(config["num_hidden_layers"]),
            heads=int(config["num_attention_heads"]),
            epsilon=float(config["layer_norm_eps"]),
            first_token_only=chosen == modes[1],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidSettings(f"{directory / 'config.json'} is incomplete: {error}") from error


class _Graph:
    """Nodes and constants in the order in which they are made."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def constant(self, values: Any, kind: type[np.generic] = np.float32) -> str:
        name = f"c{len(self.constants)}"
        array = np.ascontiguousarray(np.asarray(values, dtype=kind))
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def node(self, kind: str, *inputs: str, outputs: int = 1, domain: str = "", **how: Any) -> Any:
        """The name of its output, or the list of their names if there are several."""
        names = [f"n{len(self.nodes)}.{at}" for at in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, domain=domain, **how))
        return names[0] if outputs == 1 else names


class _Writer:
    """Writes the graph: in float without ``scales``, and then it shows what it is fed with."""

    def __init__(self, bert: Bert, scales: Mapping[str, Floats] | None) -> None:
        self._bert = bert
        self._scales = scales
        self._graph = _Graph()
        self.fed: dict[str, str] = {}
        """Which output of which node goes into the matrix, by the layer's part."""

    def write(self) -> ModelProto:
        graph, bert = self._graph, self._bert
        size = bert.weights["embeddings.word_embeddings.weight"].shape[1]
        normed = self._norm(self._embedded(), "embeddings.LayerNorm", "0.attention")
        for layer in range(bert.layers):
            name = f"encoder.layer.{layer}"
            x, scale, shift = normed
            weight, bias = _moved(*bert.attention(layer), scale, shift)
            three = self._linear(x, weight, bias)
            widths = graph.constant([size] * 3, np.int64)
            parts = graph.node("Split", three, widths, outputs=3, axis=-1)
            seen = graph.node("MultiHeadAttention", *parts, domain=_CONTRIB, num_heads=bert.heads)
            made = self._linear(seen, *self._shifted(f"{name}.attention.output.dense", shift))
            summed = self._add(made, x, scale)
            normed = self._norm(summed, f"{name}.attention.output.LayerNorm", f"{layer}.up")
            x, scale, shift = normed
            weight, bias = _moved(*bert.matrix(f"{name}.intermediate.dense"), scale, shift)
            wide = graph.node("Gelu", self._linear(x, weight, bias), domain=_CONTRIB)
            made = self._by_token(wide, *self._shifted(f"{name}.output.dense", shift))
            summed = self._add(made, x, scale)
            following = f"{layer + 1}.attention" if layer + 1 < bert.layers else None
            normed = self._norm(summed, f"{name}.output.LayerNorm", following)
        return self._model(self._pooled(normed[0]), size)

    def _embedded(self) -> str:
        graph, weights = self._graph, self._bert.weights
        words = weights["embeddings.word_embeddings.weight"]
        # As bytes with a scale a word they take a quarter of the memory, and cost no exactness.
        rows, scales = _quantised(words)
        taken = graph.node("Gather", graph.constant(rows, np.int8), "ids")
        floats = graph.node("Cast", taken, to=TensorProto.FLOAT)
        x = graph.node("Mul", floats, graph.node("Gather", graph.constant(scales[:, None]), "ids"))
        places = (
            weights["embeddings.position_embeddings.weight"]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        length = graph.node("Shape", "ids", start=1, end=2)
        first = graph.node("Slice", graph.constant(places), graph.constant([0], np.int64), length)
        return str(graph.node("Add", x, first))

    def _norm(self, x: str, name: str, part: str | None) -> tuple[str, Floats | None, Floats]:
        """What goes into ``part``'s matrix, and the scale and shift that make x of it."""
        gain, shift = self._bert.matrix(name)
        scale = None if self._scales is None or part is None else self._scales[part]
        given = (gain, shift) if scale is None else (gain / scale, np.zeros_like(shift))
        made = self._graph.node(
            "LayerNormalization",
            x,
            *map(self._graph.constant, given),
            axis=-1,
            epsilon=self._bert.epsilon,
        )
        if part is not None:
            self.fed[part] = made
        return made, scale, np.zeros_like(shift) if scale is None else shift

    def _shifted(self, name: str, shift: Floats) -> tuple[Floats, Floats]:
        """A linear layer whose result ``_add`` adds to what lacks ``shift``."""
        weight, bias = self._bert.matrix(name)
        return weight, bias + shift

    def _add(self, made: str, x: str, scale: Floats | None) -> str:
        """The residual: x is what its normalisation gave before it was scaled."""
        graph = self._graph
        whole = x if scale is None else graph.node("Mul", x, graph.constant(scale))
        return str(graph.node("Add", made, whole))

    def _linear(self, x: str, weight: Floats, bias: Floats | None) -> str:
        graph = self._graph
        if self._scales is None:
            made = graph.node("MatMul", x, graph.constant(weight.T))
            return str(made if bias is None else graph.node("Add", made, graph.constant(bias)))
        rows, scales = _quantised(weight)
        given = [x, graph.constant(rows.T, np.int8), graph.constant(scales)]
        if bias is not None:
            given += ["", graph.constant(bias)]
        return str(graph.node("DynamicQuantizeMatMul", *given, domain=_CONTRIB))

    def _by_token(self, x: str, weight: Floats, bias: Floats) -> str:
        """A linear layer after GELU, with a scale a token."""
        if self._scales is None:
            return self._linear(x, weight, bias)
        graph = self._graph
        last = graph.constant([-1], np.int64)
        largest = graph.node("ReduceMax", x, last, keepdims=1)
        largest = graph.node("Max", largest, graph.constant(_GELU_LOWEST))
        made = self._linear(graph.node("Div", x, largest), weight, None)
        return str(graph.node("Add", graph.node("Mul", made, largest), graph.constant(bias)))

    def _pooled(self, x: str) -> str:
        graph, tokens = self._graph, self._graph.constant([1], np.int64)
        if self._bert.first_token_only:
            zero, one = (graph.constant([at], np.int64) for at in (0, 1))
            x = graph.node("Slice", x, zero, one, tokens)
        pooled = graph.node("ReduceMean", x, tokens, keepdims=0)
        return str(graph.node("LpNormalization", pooled, axis=-1, p=2))

    def _model(self, vector: str, size: int) -> ModelProto:
        ids = helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "tokens"])
        shown = [helper.make_tensor_value_info(vector, TensorProto.FLOAT, [1, size])]
        if self._scales is None:
            shown += [helper.make_empty_tensor_value_info(name) for name in self.fed.values()]
        graph, made = self._graph, "text -> vector"
        return helper.make_model(
            helper.make_graph(graph.nodes, made, [ids], shown, graph.constants),
            opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid(_CONTRIB, 1)],
            ir_version=10,
        )


def _quantised(weight: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Rows as int8, and a scale a row, shape (rows,)."""
    scales = np.abs(weight).max(axis=1) / np.float32(_LARGEST)
    scales[scales == 0.0] = 1.0
    return np.rint(weight / scales[:, None]).astype(np.int8), scales


def _moved(
    weight: Floats, bias: Floats, scale: Floats | None, shift: Floats
) -> tuple[Floats, Floats]:
    """The linear layer that gives for x what the given one gives for x × scale + shift."""
    if scale is None:
        return weight, bias
    return weight * scale, bias + weight @ shift


def _scales(bert: Bert, tokens: Tokens) -> dict[str, Floats]:
    """A scale a channel for each part of each layer that a normalisation feeds."""
    writer = _Writer(bert, None)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        writer.write().SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    parts, names = list(writer.fed), list(writer.fed.values())
    words = bert.weights["embeddings.word_embeddings.weight"].shape[0]
    largest = {part: np.zeros(0, dtype=np.float32) for part in parts}
    start = 0
    for length in _CALIBRATION:
        ids = np.arange(start, start + length, dtype=np.int64) * _STRIDE % words
        start += length
        fed = session.run(names, {"ids": np.array([tokens.row(ids.tolist())], dtype=np.int64)})
        for part, values in zip(parts, fed, strict=True):
            seen = np.abs(values[0]).max(axis=0)
            largest[part] = np.maximum(largest[part], seen) if largest[part].size else seen
    return {part: _scale(bert, part, values) for part, values in largest.items()}


def _scale(bert: Bert, part: str, largest: Floats) -> Floats:
    layer, _, kind = part.partition(".")
    weight, _ = (
        bert.attention(int(layer))
        if kind == "attention"
        else bert.matrix(f"encoder.layer.{layer}.intermediate.dense")
    )
    heaviest = np.abs(weight).max(axis=0)
    logs = _MIGRATION * np.log2(np.maximum(largest, 1e-3))
    logs -= (1 - _MIGRATION) * np.log2(np.maximum(heaviest, 1e-5))
    # Coarse, so that the last bit of a float, which differs between processors, decides nothing.
    scale: Floats = np.exp2(np.rint((logs - logs.mean()) * 8) / 8).astype(np.float32)
    return scale


def make(directory: Path, limit: int) -> bytes:
    """The int8 graph of the model in ``directory``. Raises InvalidSettings if it has none."""
    bert = read(directory)
    try:
        scales = _scales(bert, Tokens(directory, limit))
        made: bytes = _Writer(bert, scales).write().SerializeToString()
    except KeyError as error:
        raise InvalidSettings(f"{directory / _files.WEIGHTS} has no {error}") from error
    return made


if __name__ == "__main__":
    try:
        Path(sys.argv[3]).write_bytes(make(Path(sys.argv[1]), int(sys.argv[2])))
    except InvalidSettings as refused:
        sys.exit(str(refused))
