using LogPipeline.Worker.Formats;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Worker.Channels;

/// <summary>
/// Reads LOG_FORMAT, LOG_TEXT_TEMPLATE and LOG_LEVEL_MIN, and for single channels
/// <c>LOG_CHANNEL_&lt;NAME&gt;_&lt;WHAT&gt;</c>: FORMAT, TEXT_TEMPLATE, LEVEL_MIN, RETENTION_AGE, RETENTION_FILES. What
/// is not said of a channel holds as for all.
/// </summary>
static class ChannelVariables
{
    const string Prefix = "LOG_CHANNEL_";
    const int NamedMax = 1_000;

    static readonly string[] Suffixes =
        ["_FORMAT", "_TEXT_TEMPLATE", "_LEVEL_MIN", "_RETENTION_AGE", "_RETENTION_FILES"];

    /// <param name="environment">Reads values; told what is wrong.</param>
    /// <param name="variables">The names of all variables that are set.</param>
    /// <param name="retention">What holds for channels that say nothing of it.</param>
    public static ChannelRules Read(EnvironmentReader environment, IEnumerable<string> variables,
        RetentionOptions retention)
    {
        var others = ReadRule(environment, "LOG",
            new ChannelRule { RetentionAge = retention.AgeMax, RetentionFiles = retention.FilesMax });
        var named = new Dictionary<string, ChannelRule>(StringComparer.Ordinal);
        foreach (var variable in variables.Where(variable => variable.StartsWith(Prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal))
        {
            if (NameIn(variable) is not { } name)
            {
                environment.Refuse($"{variable} is no setting of a channel; use {Prefix}<NAME> and one of "
                    + $"{string.Join(", ", Suffixes)}, the name in capitals with '_' for all but letters and digits.");
                continue;
            }
            if (!named.ContainsKey(name)) named[name] = ReadOwn(environment, Prefix + name, others, retention);
        }
        if (named.Count > NamedMax)
            environment.Refuse($"{named.Count} channels have settings of their own; {NamedMax} may.");
        return named.Count == 0 && others.IsPlain ? ChannelRules.Plain : new ChannelRules(others, named);
    }

    static string? NameIn(string variable)
    {
        var suffix = Suffixes.FirstOrDefault(suffix => variable.EndsWith(suffix, StringComparison.Ordinal));
        if (suffix is null || variable.Length <= Prefix.Length + suffix.Length) return null;
        var name = variable[Prefix.Length..^suffix.Length];
        var isName = !name.AsSpan().ContainsAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") && name[0] != '_'
            && name[^1] != '_' && !name.Contains("__", StringComparison.Ordinal);
        return isName ? name : null;
    }

    static ChannelRule ReadOwn(EnvironmentReader environment, string prefix, ChannelRule others,
        RetentionOptions retention)
    {
        var rule = ReadRule(environment, prefix, others);
        var (age, files) = (prefix + "_RETENTION_AGE", prefix + "_RETENTION_FILES");
        // Zero says that there is no bound, whatever holds for the others.
        if (environment.ReadText(age) is { } given)
        {
            var read = environment.ReadDuration(age, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromDays(36_500));
            if (read != TimeSpan.Zero && read < retention.AgeMin)
                environment.Refuse(age, given,
                    $"use at least LOG_RETENTION_AGE_MIN, which is {OptionText.Duration(retention.AgeMin)}");
            rule = rule with { RetentionAge = read == TimeSpan.Zero ? null : read };
        }
        if (environment.ReadText(files) is null) return rule;
        var count = environment.ReadCount(files, 0, 0, 1_000_000);
        return rule with { RetentionFiles = count == 0 ? null : count };
    }

    static ChannelRule ReadRule(EnvironmentReader environment, string prefix, ChannelRule otherwise) => otherwise with
    {
        Format = environment.ReadChoice(prefix + "_FORMAT", otherwise.Format),
        Template = ReadTemplate(environment, prefix + "_TEXT_TEMPLATE", otherwise.Template),
        LevelMin = ReadLevel(environment, prefix + "_LEVEL_MIN", otherwise.LevelMin),
    };

    static TextTemplate ReadTemplate(EnvironmentReader environment, string variable, TextTemplate otherwise)
    {
        if (environment.ReadText(variable) is not { } text) return otherwise;
        try
        {
            return TextTemplate.Parse(text);
        }
        catch (FormatException e)
        {
            environment.Refuse(variable, text, e.Message);
            return otherwise;
        }
    }

    static RecordLevel ReadLevel(EnvironmentReader environment, string variable, RecordLevel otherwise)
    {
        if (environment.ReadText(variable) is not { } text) return otherwise;
        if (RecordLevels.Parse(text) is { } level) return level;
        environment.Refuse(variable, text, "use one of trace, debug, info, warning, error, fatal");
        return otherwise;
    }
}
