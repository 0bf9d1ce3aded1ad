using System.Xml.Linq;
using Temporalio.Client;

namespace Temporalio.Tests.Surface;

public sealed class DocumentationTests
{
    /// <summary>Members are documented where a caller could not guess something; what a type is for has to stand at each.</summary>
    [Fact]
    public void EachPublicTypeIsDocumented()
    {
        var documented = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "Temporalio.Managed.xml")).Descendants("member")
            .Where(m => m.Element("summary") is { } summary && summary.Value.Trim().Length > 0 || m.Element("inheritdoc") != null)
            .Select(m => m.Attribute("name")!.Value).ToHashSet();
        var types = typeof(TemporalClient).Assembly.GetExportedTypes();
        types.Length.ShouldBeGreaterThan(200);
        types.Select(t => $"T:{t.FullName!.Replace('+', '.')}").Where(t => !documented.Contains(t)).Order(StringComparer.Ordinal).ShouldBeEmpty();
    }
}
