//! Crates that maturin builds.

use super::*;

const MANIFEST: &str = "[build-system]\nrequires = ['maturin']\nbuild-backend = 'maturin'\n[project]\nname = 'm'\ndynamic = ['version']\n[tool.maturin]\nmanifest-path = 'crates/py/Cargo.toml'\n";

const ROOT: &str = "[workspace]\nmembers = ['crates/*']\n[workspace.package]\nversion = '0.4.4'\n[workspace.dependencies]\ncore = { path = 'crates/core', version = '=0.4.4' }\nserde = { version = '0.4.4' }\n";

const CORE: &str = "[package]\nname = 'core'\nversion.workspace = true\n";

const OWN: &str = "[package]\nname = 'own'\nversion = '0.4.4'\n";

const PY: &str = "[package]\nname = 'py'\nversion.workspace = true\n[dependencies]\ncore = { workspace = true }\n[target.'cfg(unix)'.build-dependencies]\nkit = { package = 'core', path = '../core', version = '0.4.4' }\n";

const LOCK: &str = "[[package]]\nname = 'core'\nversion = '0.4.4'\n[[package]]\nname = 'own'\nversion = '0.4.4'\n[[package]]\nname = 'py'\nversion = '0.4.4'\n[[package]]\nname = 'serde'\nversion = '0.4.4'\nsource = 'x'\n";

fn files(root: &str) -> [(&str, &str); 6] {
    [
        ("pyproject.toml", MANIFEST),
        ("Cargo.toml", root),
        ("crates/core/Cargo.toml", CORE),
        ("crates/own/Cargo.toml", OWN),
        ("crates/py/Cargo.toml", PY),
        ("Cargo.lock", LOCK),
    ]
}

#[test]
fn crates_of_a_workspace_and_the_requirements_on_them_have_one_version() {
    let mut told = places(&files(ROOT), "", "0.5.0rc1");
    stamped(&files(ROOT), "", "0.4.5").unwrap();
    for range in ["0.4", ">=0.4.4, <0.5", "0"] {
        let root = ROOT.replace("=0.4.4", range);
        told += &format!("--- {range}\n{}", places(&files(&root), "", "0.5.0"));
    }
    expect![[r#"
        Cargo.lock: package 0.4.4 0.5.0-rc.1 Changed
        Cargo.lock: package 0.4.4 0.5.0-rc.1 Changed
        Cargo.toml: workspace.package 0.4.4 0.5.0-rc.1 Changed
        Cargo.toml: dependencies.core 0.4.4 0.5.0-rc.1 Changed
        crates/py/Cargo.toml: dependencies.core 0.4.4 0.5.0-rc.1 Changed
        --- 0.4
        Cargo.toml asks for core by `0.4`, which does not allow 0.5.0
          Cargo.toml:139..144 a crate of this workspace
          = write it as one version (`1.2.3`, `=1.2.3`), or without `version`, by its `path` alone
        --- >=0.4.4, <0.5
        Cargo.toml asks for core by `>=0.4.4, <0.5`, which does not allow 0.5.0
          Cargo.toml:139..154 a crate of this workspace
          = write it as one version (`1.2.3`, `=1.2.3`), or without `version`, by its `path` alone
        --- 0
        Cargo.lock: package 0.4.4 0.5.0 Changed
        Cargo.lock: package 0.4.4 0.5.0 Changed
        Cargo.toml: workspace.package 0.4.4 0.5.0 Changed
        crates/py/Cargo.toml: dependencies.core 0.4.4 0.5.0 Changed
    "#]]
    .assert_eq(&told);
}
