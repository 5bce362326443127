# Copy to the root of the sources, then `nix build`.
{
  description = "A terminal music player that listens to your collection";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" ];
      each = f: nixpkgs.lib.genAttrs systems (system: f nixpkgs.legacyPackages.${system});
    in {
      packages = each (pkgs: {
        default = pkgs.rustPlatform.buildRustPackage {
          pname = "jukebox";
          version = "0.2.0";
          src = self;
          cargoLock.lockFile = ./Cargo.lock;
          # What `jukebox --version` names, as `make release` does.
          env.JUKEBOX_COMMIT = builtins.substring 0 9 (self.rev or "");
          nativeBuildInputs = [ pkgs.cmake pkgs.pkg-config ];
          buildInputs = [ pkgs.alsa-lib ];
          # The tests want terminals, strace and minutes; `make test` runs them in the sources.
          doCheck = false;
          postInstall = ''
            make install-files PREFIX= DESTDIR=$out PROGRAM=$out/bin/jukebox BIN=$out/bin/jukebox
          '';
          meta = {
            description = "A terminal music player that listens to your collection";
            license = [ nixpkgs.lib.licenses.mit nixpkgs.lib.licenses.asl20 ];
            mainProgram = "jukebox";
            platforms = systems;
          };
        };
      });
    };
}
