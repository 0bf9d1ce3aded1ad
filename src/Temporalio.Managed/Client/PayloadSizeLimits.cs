using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Update.V1;

namespace Temporalio.Client;

/// <summary>How large a field of payloads and a memo may be, in bytes on the wire; zero: any size.</summary>
readonly record struct PayloadSizeLimits(long PayloadBytesMax, long MemoBytesMax)
{
    /// <summary>The first field of a message that is larger.</summary>
    /// <returns>Null: there is none.</returns>
    public OversizeField? FindOversize(IMessage message)
    {
        var smallest = PayloadBytesMax == 0 ? MemoBytesMax : MemoBytesMax == 0 ? PayloadBytesMax : Math.Min(PayloadBytesMax, MemoBytesMax);
        // A message holds no field that is larger than itself; most are small, and need no search.
        if (smallest == 0 || message.CalculateSize() <= smallest) return null;
        return Find(message);
    }

    OversizeField? Find(IMessage message)
    {
        switch (message)
        {
            case SearchAttributes:
                return null;
            case Payload or Payloads:
                return Check("payloads", message, PayloadBytesMax);
            case Memo:
                return Check("memo", message, MemoBytesMax);
            // What a worker answers to an update.
            case Any any:
                return any.TryUnpack(out Response response) ? Find(response) : null;
        }
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            var found = field switch
            {
                { IsMap: true } => FindInAny(((IDictionary)field.Accessor.GetValue(message)).Values),
                { FieldType: not FieldType.Message } => null,
                { IsRepeated: true } => FindInAny((IList)field.Accessor.GetValue(message)),
                _ => field.Accessor.GetValue(message) is IMessage child ? Find(child) : null,
            };
            if (found is not null) return found;
        }
        return null;
    }

    OversizeField? FindInAny(ICollection values)
    {
        foreach (var value in values)
        {
            if (value is not IMessage message) return null;
            if (Find(message) is { } found) return found;
        }
        return null;
    }

    static OversizeField? Check(string kind, IMessage field, long limit)
    {
        if (limit == 0) return null;
        var bytes = field.CalculateSize();
        return bytes > limit ? new(kind, bytes, limit) : null;
    }
}

/// <param name="Kind">"payloads" or "memo".</param>
/// <param name="Bytes">How large it is.</param>
/// <param name="Limit">How large it may be.</param>
sealed record OversizeField(string Kind, long Bytes, long Limit);
