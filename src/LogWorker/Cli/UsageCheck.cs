using System.CommandLine;
using System.CommandLine.Parsing;

namespace LogPipeline.Worker.Cli;

/// <summary>
/// What is wrong with a command line that the parser would take for something else, or would tell in its own terms.
/// </summary>
static class UsageCheck
{
    const string OptionsEnd = "--";

    /// <param name="arguments">What was parsed.</param>
    /// <returns>A sentence, or null.</returns>
    public static string? WhyWrong(ParseResult parsed, IEnumerable<string> arguments)
    {
        var separate = arguments.TakeWhile(argument => argument != OptionsEnd).ToHashSet(StringComparer.Ordinal);
        var results = ResultsOf(parsed.CommandResult).ToList();
        if (ListedIn(results).Concat(parsed.UnmatchedTokens).FirstOrDefault(IsOption) is { } unknown)
            return $"There is no option '{unknown.Split('=')[0]}'; '{NameOf(parsed.CommandResult)} --help' names them.";
        if (WhyIncomplete(parsed) is { } incomplete) return incomplete;
        return results.OfType<OptionResult>().Where(given => given.Tokens.Count == 1)
            .Select(given => WhyWrong(given.Option, given.Tokens[0].Value)).FirstOrDefault(why => why is not null);

        bool IsOption(string text) => text.Length > 1 && text[0] == '-' && separate.Contains(text);

        string? WhyWrong(Option option, string value)
        {
            if (string.IsNullOrWhiteSpace(value))
                return $"{option.Name} was empty; give it a value, or leave it out.";
            return value.StartsWith("--", StringComparison.Ordinal) && separate.Contains(value)
                ? $"{option.Name} needs a value, and '{value}' reads as an option; {option.Name}={value} if it is meant."
                : WhyNoValue(option, value);
        }
    }

    /// <summary>A verb without the verb below it, or without what it is about; or with more than it takes.</summary>
    static string? WhyIncomplete(ParseResult parsed)
    {
        var (verb, name) = (parsed.CommandResult.Command, NameOf(parsed.CommandResult));
        // Whoever mistypes a verb is told which there are.
        if (verb is RootCommand) return null;
        if (verb.Subcommands.Count > 0)
            return $"'{name}' needs one of {string.Join(", ", verb.Subcommands.Select(below => below.Name))}.";
        if (parsed.UnmatchedTokens.Count > 0)
            return $"'{name}' does not take '{parsed.UnmatchedTokens[0]}'; '{name} --help' says what it takes.";
        var missing = verb.Arguments.FirstOrDefault(argument =>
            argument.Arity.MinimumNumberOfValues > (parsed.GetResult(argument)?.Tokens.Count ?? 0));
        return missing is null ? null : $"'{name}' needs {missing.Name}; '{name} --help' says what that is.";
    }

    /// <summary>What the option's type does not take, in the user's terms.</summary>
    static string? WhyNoValue(Option option, string value)
    {
        var type = Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        if (type.IsEnum)
        {
            var names = Enum.GetNames(type).Select(name => name.ToLowerInvariant()).ToList();
            return names.Contains(value.ToLowerInvariant())
                ? null : $"{option.Name} was '{value}'; use {string.Join(", ", names.SkipLast(1))} or {names[^1]}.";
        }
        if (type == typeof(bool))
            return bool.TryParse(value, out _) ? null : $"{option.Name} was '{value}'; it takes no value.";
        var isNumber = type != typeof(int) && type != typeof(long)
            || long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                && (type == typeof(long) || number is >= int.MinValue and <= int.MaxValue);
        return isNumber ? null : $"{option.Name} was '{value}'; use a whole number.";
    }

    /// <summary>Values of what takes several, where an option that does not exist ends up.</summary>
    static IEnumerable<string> ListedIn(IEnumerable<SymbolResult> results) => results
        .Where(given => given is ArgumentResult or OptionResult { Option.AllowMultipleArgumentsPerToken: true })
        .SelectMany(given => given.Tokens).Select(token => token.Value);

    static IEnumerable<SymbolResult> ResultsOf(CommandResult command) =>
        command.Parent is CommandResult parent ? command.Children.Concat(ResultsOf(parent)) : command.Children;

    static string NameOf(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{NameOf(parent)} {command.Command.Name}" : "logworker";
}
