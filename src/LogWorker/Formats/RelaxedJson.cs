using System.Text.Encodings.Web;
using System.Text.Json;

namespace LogPipeline.Worker.Formats;

/// <summary>JSON for files and logs: only what must be escaped is.</summary>
static class RelaxedJson
{
    public static JsonSerializerOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
