using System.Text.RegularExpressions;
using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Tidy;

/// <summary>The repository's own C# files, without what a build put there.</summary>
static partial class SourceFiles
{
    public static IEnumerable<SourceFile> Under(params string[] folders) =>
        folders.Select(folder => Repository.PathOf(folder)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
            .Select(path => new SourceFile(Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'), File.ReadAllText(path)))
            .Where(file => !file.Path.Split('/').Any(part => part is "bin" or "obj"))
            .OrderBy(file => file.Path, StringComparer.Ordinal);

    /// <summary>Code without comments: a sentence may name what code may not.</summary>
    public static string WithoutComments(string code) => Comment().Replace(code, "");

    [GeneratedRegex(@"(?<=^|[^:""'])//.*$|/\*.*?\*/", RegexOptions.Multiline)]
    private static partial Regex Comment();
}

sealed record SourceFile(string Path, string Text)
{
    public string Code => SourceFiles.WithoutComments(Text);
    public override string ToString() => Path;
}
