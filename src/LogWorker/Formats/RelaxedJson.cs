using System.Text.Encodings.Web;

namespace LogPipeline.Worker.Formats;

/// <summary>JSON for files and logs: only what must be escaped is.</summary>
static class RelaxedJson
{
    public static JsonSerializerOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
