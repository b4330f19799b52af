# shellcheck shell=bash
# Completion for bash. To load it: source mock-capgo.bash
#
# The bash 3.2 of macOS has neither mapfile nor compopt, which only improves the results.

# _mock_capgo_names PROGRAM COMMAND: the names that a command lists.
_mock_capgo_names() {
  "$1" "$2" 2>/dev/null | sed 's/ .*//'
}

# _mock_capgo PROGRAM WORD PREVIOUS: bash calls it to complete WORD. Without results, bash completes
# files.
_mock_capgo() {
  local program=$1 word=$2 option=$3 command=serve i
  local commands="serve exec check contracts scenarios health version help"
  local files="--help --fixtures --scenario --contract"
  local server="$files --host --port --base-path --storage --seed --now --freeze --rate-limit
    --ready-file --export-on-exit --journal --journal-on-exit --max-sandboxes --allow-host
    --admin-token --jwt-secret --log --log-file --log-format"
  local words=""

  if [[ $COMP_CWORD -gt 1 && ${COMP_WORDS[1]} != -* ]]; then command=${COMP_WORDS[1]}; fi
  for ((i = 1; i < COMP_CWORD; ++i)); do
    if [[ ${COMP_WORDS[i]} != -- ]]; then continue; fi
    # The command of exec.
    if declare -F _command_offset >/dev/null; then
      _command_offset $((i + 1))
    elif [[ $((i + 1)) -eq $COMP_CWORD ]]; then
      # shellcheck disable=SC2207 # bash 3.2 has no mapfile
      COMPREPLY=($(compgen -c -- "$word"))
    fi
    return
  done

  # bash splits words at = and :.
  if [[ $option == = ]]; then option=${COMP_WORDS[COMP_CWORD - 2]}; fi
  case $option in
    --fixtures | --ready-file | --export-on-exit | --journal-on-exit | --log-file | :) return ;;
    --scenario)
      words=$(_mock_capgo_names "$program" scenarios && compgen -f -- "$word")
      compopt -o filenames 2>/dev/null
      ;;
    --contract) words=$(_mock_capgo_names "$program" contracts) ;;
    --storage)
      words="memory sqlite:"
      compopt -o nospace 2>/dev/null
      ;;
    --rate-limit) words="standard enterprise" ;;
    --log) words="none errors requests debug" ;;
    --log-format) words="text json" ;;
    --host | --port | --base-path | --seed | --now | --journal | --max-sandboxes | --allow-host | \
      --admin-token | --jwt-secret | --url)
      compopt +o default 2>/dev/null
      return
      ;;
    *)
      case $command in
        serve) words="$server --exit-on-stdin-close" ;;
        exec) words="$server --" ;;
        check) words=$files ;;
        contracts | scenarios)
          words=--help
          if [[ $command == scenarios ]]; then words+=" --contract"; fi
          if [[ $word != -* ]]; then words=$(_mock_capgo_names "$program" "$command"); fi
          ;;
        health) words="--help --url" ;;
        help) words=$commands ;;
      esac
      if [[ $COMP_CWORD -eq 1 ]]; then
        case $word in
          -*) words+=" --version" ;;
          *) words=$commands ;;
        esac
      fi
      ;;
  esac
  # shellcheck disable=SC2207 # bash 3.2 has no mapfile
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}

complete -o default -F _mock_capgo mock-capgo
