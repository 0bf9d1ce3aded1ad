using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.History.V1;
using Temporalio.Worker.Replay;

namespace Temporalio.Worker;

/// <summary>
/// Applies a codec to every payload in a message, wherever it stands, in place. Search attributes are left alone: the
/// server reads them. So is what the SDK itself writes into markers.
/// </summary>
static class PayloadVisitor
{
    public delegate Task<IReadOnlyCollection<Payload>> Transform(IReadOnlyCollection<Payload> payloads);

    public static async Task VisitAsync(IMessage message, Transform transform)
    {
        if (message is SearchAttributes) return;
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.IsMap) await VisitMapAsync(message, (IDictionary)field.Accessor.GetValue(message), transform).ConfigureAwait(false);
            else if (field.FieldType != FieldType.Message) continue;
            else if (field.IsRepeated) await VisitListAsync((IList)field.Accessor.GetValue(message), transform).ConfigureAwait(false);
            else if (field.Accessor.GetValue(message) is IMessage child) await VisitChildAsync(message, field, child, transform).ConfigureAwait(false);
        }
    }

    static async Task VisitChildAsync(IMessage parent, FieldDescriptor field, IMessage child, Transform transform)
    {
        if (child is Payload payload) field.Accessor.SetValue(parent, (await transform([payload]).ConfigureAwait(false)).Single());
        else await VisitAsync(child, transform).ConfigureAwait(false);
    }

    static async Task VisitListAsync(IList list, Transform transform)
    {
        if (list.Count == 0) return;
        if (list[0] is Payload)
        {
            List<Payload> changed = [.. await transform([.. list.Cast<Payload>()]).ConfigureAwait(false)];
            list.Clear();
            foreach (var payload in changed) list.Add(payload);
            return;
        }
        foreach (var item in list)
            if (item is IMessage child) await VisitAsync(child, transform).ConfigureAwait(false);
    }

    static async Task VisitMapAsync(IMessage owner, IDictionary map, Transform transform)
    {
        foreach (var key in map.Keys.Cast<object>().ToArray())
        {
            if (IsOwnMarkerDetail(owner, key)) continue;
            if (map[key] is Payload payload) map[key] = (await transform([payload]).ConfigureAwait(false)).Single();
            else if (map[key] is IMessage child) await VisitAsync(child, transform).ConfigureAwait(false);
        }
    }

    static bool IsOwnMarkerDetail(IMessage owner, object key)
    {
        var marker = owner switch
        {
            RecordMarkerCommandAttributes command => command.MarkerName,
            MarkerRecordedEventAttributes recorded => recorded.MarkerName,
            _ => null,
        };
        return marker == PatchMarker.Name || (marker == LocalActivityMarker.Name && !LocalActivityMarker.ResultKey.Equals(key));
    }
}
