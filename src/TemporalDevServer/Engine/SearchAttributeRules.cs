using Values = Temporalio.Api.Common.V1.SearchAttributes;

namespace TemporalDevServer.Engine;

/// <summary>
/// Search attributes: those that every workflow has, those that the server knows for others to set, and a namespace's
/// own.
/// </summary>
static class SearchAttributeRules
{
    const int KeysMax = 100;
    const int ValueBytesMax = 2 * 1024;
    const int BytesMax = 40 * 1024;

    /// <summary>Kept by the server; no request may set them.</summary>
    public static readonly IReadOnlyDictionary<string, IndexedValueType> OfSystem = Typed(
        (IndexedValueType.Keyword, "WorkflowId RunId WorkflowType ExecutionStatus TaskQueue"),
        (IndexedValueType.Keyword, "ParentWorkflowId ParentRunId RootWorkflowId RootRunId"),
        (IndexedValueType.Datetime, "StartTime ExecutionTime CloseTime"),
        (IndexedValueType.Int, "HistoryLength HistorySizeBytes ExecutionDuration StateTransitionCount"));

    /// <summary>Known from the start; SDKs and tools set them.</summary>
    public static readonly IReadOnlyDictionary<string, IndexedValueType> Predefined = Typed(
        (IndexedValueType.Keyword, "BatcherNamespace BatcherUser TemporalNamespaceDivision TemporalScheduledById"),
        (IndexedValueType.Keyword, "TemporalWorkerDeployment TemporalWorkerDeploymentVersion"),
        (IndexedValueType.Keyword, "TemporalWorkflowVersioningBehavior"),
        (IndexedValueType.KeywordList, "BinaryChecksums BuildIds TemporalChangeVersion TemporalPauseInfo"),
        (IndexedValueType.Datetime, "TemporalScheduledStartTime"),
        (IndexedValueType.Bool, "TemporalSchedulePaused"));

    public static IndexedValueType? TypeOf(Namespace ns, string name)
    {
        if (OfSystem.TryGetValue(name, out var type) || Predefined.TryGetValue(name, out type)) return type;
        return ns.State.SearchAttributes.TryGetValue(name, out var own) ? (IndexedValueType)own : null;
    }

    /// <summary>Why these cannot be taken; null when they can.</summary>
    public static string? Validate(Namespace ns, Values? attributes)
    {
        if (attributes is null) return null;
        if (ValidateSize(attributes) is { } tooMuch) return tooMuch;
        foreach (var (name, value) in attributes.IndexedFields)
        {
            if (OfSystem.ContainsKey(name)) return $"{name} attribute can't be set in SearchAttributes";
            if (TypeOf(ns, name) is not { } type)
                return $"Namespace {ns.Name} has no mapping defined for search attribute {name}";
            if (value.Data.Length > ValueBytesMax)
                return $"search attribute {name} value size {value.Data.Length} exceeds size limit {ValueBytesMax}";
            if (!SearchValue.CanRead(value, type))
                return $"invalid value for search attribute {name} of type {type}: {value.Data.ToStringUtf8()}";
        }
        return null;
    }

    /// <summary>Why these are too many or too large; null when they are not.</summary>
    public static string? ValidateSize(Values? attributes)
    {
        if (attributes is null) return null;
        if (attributes.IndexedFields.Count > KeysMax)
            return $"number of search attributes {attributes.IndexedFields.Count} exceeds limit {KeysMax}";
        if (attributes.CalculateSize() > BytesMax)
            return $"total size of search attributes {attributes.CalculateSize()} exceeds size limit {BytesMax}";
        return null;
    }

    /// <summary>The same, each with the name of its type.</summary>
    public static Values? WithTypes(Namespace ns, Values? attributes)
    {
        if (attributes is null || attributes.IndexedFields.Count == 0) return null;
        var typed = attributes.Clone();
        foreach (var (name, value) in typed.IndexedFields)
            if (TypeOf(ns, name) is { } type) value.Metadata["type"] = ByteString.CopyFromUtf8(type.ToString());
        return typed;
    }

    public static Values? Merge(Values? old, Values? changed)
    {
        if (changed is null) return old;
        var merged = old?.Clone() ?? new Values();
        foreach (var (name, value) in changed.IndexedFields)
            if (SearchValue.IsEmpty(value)) merged.IndexedFields.Remove(name);
            else merged.IndexedFields[name] = value;
        return merged;
    }

    static Dictionary<string, IndexedValueType> Typed(params (IndexedValueType Type, string Names)[] types) =>
        types.SelectMany(of => of.Names.Split(' ').Select(name => (name, of.Type))).ToDictionary();
}
