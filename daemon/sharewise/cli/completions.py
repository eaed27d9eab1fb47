"""`sharewise completions`: what a shell needs to complete our words, made from the parsers."""

from __future__ import annotations

import argparse
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sharewise.cli.command import Command
from sharewise.cli.main import parser_for

FILES = frozenset({"PATH", "FILE", "DIR", "PACKAGE"})
"""The metavars whose values are files or folders; so is whatever is turned into a Path."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word that may come next."""

    text: str
    help: str


@dataclass(frozen=True, slots=True)
class Place:
    """A point in the command line, after the words of `path`, and what may come there."""

    path: str
    """The sub-commands so far, each after a blank: "", " watch", " watch add"."""
    words: tuple[Word, ...]
    takes_files: bool

    @property
    def texts(self) -> str:
        """The words, for a shell that wants them in one."""
        return " ".join(word.text for word in self.words)


def places_of(parser: ArgumentParser, path: str = "") -> Iterator[Place]:
    """Yield every place below a parser, this one first.

    Reads argparse's own lists: it offers no other way to know what a parser takes.
    """
    words: list[Word] = []
    takes_files = False
    below: list[Place] = []
    for action in parser._actions:
        if action.help == argparse.SUPPRESS:
            continue
        # The longer spelling only: "-h" completes nothing that "--help" does not.
        words += [Word(flag, action.help or "") for flag in action.option_strings[-1:]]
        takes_files = takes_files or action.metavar in FILES or action.type is Path
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, sub in action.choices.items():
                words.append(Word(name, helps.get(name, "")))
                below += places_of(sub, f"{path} {name}")
        elif action.choices is not None:
            words += [Word(str(choice), action.help or "") for choice in action.choices]
    yield Place(path, tuple(words), takes_files)
    yield from below


def bash(places: tuple[Place, ...]) -> str:
    """Return a completion for bash 3.2 and newer."""
    known = "|".join(f'"{place.path}"' for place in places if place.path)
    cases = "\n".join(
        f'        "{place.path}") words="{place.texts}"; files={int(place.takes_files)} ;;'
        for place in places
    )
    return f"""\
# Completion for bash: source <(sharewise completions bash)
_sharewise() {{
    local current="${{COMP_WORDS[COMP_CWORD]}}" path="" words="" files=0 index
    for ((index = 1; index < COMP_CWORD; index++)); do
        case "$path ${{COMP_WORDS[index]}}" in
            {known}) path="$path ${{COMP_WORDS[index]}}" ;;
        esac
    done
    case "$path" in
{cases}
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    if ((files)); then
        local IFS=$'\\n'
        COMPREPLY+=($(compgen -f -- "$current"))
    fi
}}
complete -o filenames -F _sharewise sharewise
"""


def zsh(places: tuple[Place, ...]) -> str:
    """Return a completion for zsh, to be sourced or put as `_sharewise` on the fpath."""

    def described(word: Word) -> str:
        return _quoted(f"{word.text.replace(':', chr(92) + ':')}:{word.help}")

    known = "|".join(_quoted(place.path) for place in places if place.path)
    cases = "\n".join(
        f"        ({_quoted(place.path)}) "
        f"found=({' '.join(map(described, place.words))}); files={int(place.takes_files)} ;;"
        for place in places
    )
    return f"""\
#compdef sharewise
# Completion for zsh: source <(sharewise completions zsh)
_sharewise() {{
    local at="" word files=0
    local -a found
    for word in "${{(@)words[2,CURRENT-1]}}"; do
        case "$at $word" in
            ({known}) at="$at $word" ;;
        esac
    done
    case "$at" in
{cases}
    esac
    _describe 'sharewise' found
    if ((files)); then _files; fi
}}
if [[ "${{funcstack[1]}}" == _sharewise ]]; then
    _sharewise "$@"
else
    compdef _sharewise sharewise
fi
"""


def fish(places: tuple[Place, ...]) -> str:
    """Return a completion for fish."""
    known = " ".join(_quoted(place.path) for place in places if place.path)
    lines = [
        f"complete -c sharewise -n {_at(place)} -a {_quoted(word.text)} -d {_quoted(word.help)}"
        for place in places
        for word in place.words
    ]
    lines += [f"complete -c sharewise -n {_at(place)} -F" for place in places if place.takes_files]
    listed = "\n".join(lines)
    return f"""\
# Completion for fish: sharewise completions fish | source
function __sharewise_at
    set -l at ''
    set -l before (commandline -opc)
    for word in $before[2..]
        if contains -- "$at $word" {known}
            set at "$at $word"
        end
    end
    test "$at" = "$argv[1]"
end
complete -c sharewise -f
{listed}
"""


def _at(place: Place) -> str:
    return _quoted(f'__sharewise_at "{place.path}"')


def _quoted(text: str) -> str:
    """Return the text as one word for zsh and fish, whatever is in it."""
    return "'" + text.replace("'", "’").replace("\\", "\\\\") + "'"


SHELLS: dict[str, Callable[[tuple[Place, ...]], str]] = {"bash": bash, "zsh": zsh, "fish": fish}


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("shell", choices=sorted(SHELLS), help="for which shell")


def run(chosen: Namespace) -> int:
    print(SHELLS[chosen.shell](tuple(places_of(parser_for(())))), end="")
    return 0


COMMAND = Command(
    name="completions",
    help="print what lets a shell complete sharewise's words",
    description="Prints a script for the shell. "
    "bash: add 'source <(sharewise completions bash)' to ~/.bashrc. "
    "zsh: add 'source <(sharewise completions zsh)' to ~/.zshrc, after compinit. "
    "fish: sharewise completions fish > ~/.config/fish/completions/sharewise.fish",
    configure=configure,
    run=run,
)
