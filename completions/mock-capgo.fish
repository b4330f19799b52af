# Completion for fish. To load it, put this file into ~/.config/fish/completions.

# Succeeds if the command is one of the arguments.
function __mock_capgo_command_is
    set -l words (commandline -opc)
    if contains -- -- $words
        return 1
    end
    set -l command serve
    if set -q words[2]; and not string match -q -- '-*' $words[2]
        set command $words[2]
    end
    contains -- $command $argv
end

# Succeeds if there is neither a command nor an option.
function __mock_capgo_is_first
    test (count (commandline -opc)) -eq 1
end

# The names that a command of mock-capgo lists, and their descriptions.
function __mock_capgo_names
    set -l words (commandline -opc)
    $words[1] $argv 2>/dev/null | string replace -r ' +' \t
end

# Completes the command of exec.
function __mock_capgo_complete_child
    set -l words (commandline -opc)
    set -l dashes (contains -i -- -- $words)
    set -l child $words[(math $dashes + 1)..-1] (commandline -ct)
    complete -C "$child"
end

complete -c mock-capgo -f
complete -c mock-capgo -n 'contains -- -- (commandline -opc)' -a '(__mock_capgo_complete_child)'

complete -c mock-capgo -n __mock_capgo_is_first -l version -d 'print the version'
set -l name -c mock-capgo -n '__mock_capgo_is_first; or __mock_capgo_command_is help'
complete $name -a serve -d 'run the server (the default)'
complete $name -a exec -d 'start a server, run a command with its address, and stop'
complete $name -a check -d 'check fixture and scenario files'
complete $name -a contracts -d 'list the contracts, or compare two'
complete $name -a scenarios -d 'list the built-in scenarios, or print one'
complete $name -a health -d 'check whether a server answers'
complete $name -a version -d 'print the version'
complete $name -a help -d 'show the options of a command'

complete -c mock-capgo -n '__mock_capgo_command_is contracts' -a '(__mock_capgo_names contracts)'
complete -c mock-capgo -n '__mock_capgo_command_is scenarios' -a '(__mock_capgo_names scenarios)'
complete -c mock-capgo -n '__mock_capgo_command_is health' -x -l url -d 'URL of the server, or of its control API'
complete -c mock-capgo -n 'not __mock_capgo_command_is version help' -s h -l help -d 'show the options'

set -l files -c mock-capgo -n '__mock_capgo_command_is serve exec check'
complete $files -rF -l fixtures -d 'initial data'
complete $files -rF -l scenario -a '(__mock_capgo_names scenarios)' -d 'scenario to activate at start'
complete -c mock-capgo -n '__mock_capgo_command_is serve exec check scenarios' -x -l contract -a '(__mock_capgo_names contracts)' -d 'contract to follow'

set -l server -c mock-capgo -n '__mock_capgo_command_is serve exec'
complete $server -x -l host -d 'address to listen on'
complete $server -x -l port -d 'port to listen on; 0 picks a free one'
complete $server -x -l base-path -d 'also answer below this path'
complete $server -x -l storage -a 'memory sqlite:' -d 'where keys are stored'
complete -c mock-capgo -n 'string match -q "*sqlite:*" -- (commandline -ct)' -rF -l storage
complete $server -x -l seed -d 'generate the same keys and ids in every run'
complete $server -x -l now -d 'start the clock at this time'
complete $server -l freeze -d 'stop the clock'
complete $server -x -l rate-limit -a 'standard enterprise' -d 'requests per minute and key'
complete $server -rF -l ready-file -d 'also write the ready line to this file'
complete $server -rF -l export-on-exit -d 'write the keys as a fixture file on a clean stop'
complete $server -x -l journal -d "requests to keep in each sandbox's journal"
complete $server -rF -l journal-on-exit -d 'write the journals of all sandboxes on a clean stop'
complete $server -x -l max-sandboxes -d 'maximum number of sandboxes'
complete $server -x -l allow-host -d 'accept this host name in the Host header'
complete $server -x -l admin-token -d 'token that control calls must send'
complete $server -x -l jwt-secret -d 'secret that signs the tokens of users'
complete $server -x -l log -a 'none errors requests debug' -d 'what to log'
complete $server -rF -l log-file -d 'append the log to this file'
complete $server -x -l log-format -a 'text json' -d 'log format'

complete -c mock-capgo -n '__mock_capgo_command_is serve' -l exit-on-stdin-close -d 'stop when standard input ends'
