# users.auth.php
# <?php exit()?>
# login:passwordhash:Real Name:email:groups,comma,separated

rilvesdal:x:Runa Ilvesdal:runa.ilvesdal@fennmoor.example:user,turbines
okerr:x:Oswin Kerr:oswin.kerr@fennmoor.example:user
