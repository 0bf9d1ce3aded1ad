using System.Text.Json;

namespace LogPipeline.Workflows;

/// <summary>
/// What is wrong with JSON, without what it says: of a literal that is none the library quotes all that follows.
/// </summary>
static class JsonFault
{
    public static string Of(Exception e) => e is JsonException json && IsOfReader(json)
        ? $"it is no JSON at byte {json.BytePositionInLine} of line {json.LineNumber + 1}." : e.Message;

    // The reader's exceptions have a type of their own, and are wrapped in one with a path by the serializer.
    static bool IsOfReader(JsonException e) => e.GetType() != typeof(JsonException) || e.InnerException is JsonException;
}
