using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LogPipeline.Worker.Web;

/// <summary>
/// Bounds the connections. Beyond the bound a new one takes the place of the one that has been without a request for the
/// longest: whoever opens many and asks nothing does not keep a probe out. When all are at work the new one is closed.
/// </summary>
/// <param name="max">Most at a time.</param>
sealed class ConnectionLimit(int max)
{
    readonly Lock _gate = new();

    // The longest without a request first.
    readonly LinkedList<Entry> _idle = [];
    int _count;

    /// <summary>Counts the connections of an address.</summary>
    public void Guard(ListenOptions listen) => listen.Use(next => async connection =>
    {
        var entry = new Entry(connection);
        if (!TryAdd(entry))
        {
            connection.Abort(new ConnectionAbortedException("There are too many connections."));
            return;
        }
        connection.Features.Set(entry);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            Remove(entry);
        }
    });

    /// <summary>Counts a connection as at work while it has a request.</summary>
    public void Track(IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        var entry = context.Features.Get<Entry>();
        Begin(entry);
        try
        {
            await next(context).ConfigureAwait(false);
        }
        finally
        {
            End(entry);
        }
    });

    bool TryAdd(Entry entry)
    {
        Entry? replaced = null;
        lock (_gate)
        {
            if (_count >= max)
            {
                if (_idle.First is not { } longest) return false;
                replaced = longest.Value;
                Leave(replaced);
            }
            _count++;
            _idle.AddLast(entry.Node);
        }
        replaced?.Connection.Abort(new ConnectionAbortedException("Another connection takes its place."));
        return true;
    }

    void Begin(Entry? entry)
    {
        lock (_gate)
            if (entry is { HasLeft: false })
            {
                entry.IsAtWork = true;
                _idle.Remove(entry.Node);
            }
    }

    void End(Entry? entry)
    {
        lock (_gate)
            if (entry is { HasLeft: false })
            {
                entry.IsAtWork = false;
                _idle.AddLast(entry.Node);
            }
    }

    void Remove(Entry entry)
    {
        lock (_gate)
            if (!entry.HasLeft) Leave(entry);
    }

    void Leave(Entry entry)
    {
        entry.HasLeft = true;
        if (!entry.IsAtWork) _idle.Remove(entry.Node);
        _count--;
    }

    sealed class Entry
    {
        public Entry(ConnectionContext connection) => (Connection, Node) = (connection, new LinkedListNode<Entry>(this));

        public ConnectionContext Connection { get; }
        public LinkedListNode<Entry> Node { get; }
        public bool IsAtWork { get; set; }
        public bool HasLeft { get; set; }
    }
}
