namespace TemporalDevServer.Engine;

/// <summary>History by pages, forwards, backwards, or as it grows.</summary>
sealed class HistoryReader(EngineStep step, NamespaceRegistry namespaces, RunIndex runs, HistoryBuilder history)
{
    // A page fits into one gRPC message whatever its events hold; one event alone always does.
    const int PageBytesMax = 3 * 1024 * 1024;
    const int PageEventsMax = 1000;

    readonly Dictionary<long, Run> _waiting = [];

    /// <summary>The history of a poll's answer, and where its next page begins.</summary>
    public void Fill(PollWorkflowTaskQueueResponse response, Run run, long from)
    {
        var (page, next) = Page(run, from, PageEventsMax);
        response.History = page;
        if (next == 0) page.Events.AddRange(WorkflowTaskEvents.Unwritten(run));
        else response.NextPageToken = TokenOf(run, next);
    }

    public void Get(long callId, GetWorkflowExecutionHistoryRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        var (run, token) = Find(ns, request.Execution, request.NextPageToken);
        // Who has waited in vain goes on behind the last event.
        var from = token is null ? 1 : Checked(token, run.State.NextEventId);
        if (request.WaitNewEvent && Waits(run, request, from))
        {
            request = request.Clone();
            request.NextPageToken = TokenOf(run, from);
            run.Waiters.Add(new HistoryWaiter(callId, request));
            _waiting.Add(callId, run);
            return;
        }
        step.Answer(callId, Read(run, request, from));
    }

    public GetWorkflowExecutionHistoryReverseResponse GetReverse(GetWorkflowExecutionHistoryReverseRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        var (run, token) = Find(ns, request.Execution, request.NextPageToken);
        var response = new GetWorkflowExecutionHistoryReverseResponse { History = new() };
        var bytes = 0;
        var next = token is null ? run.LastEventId : Checked(token, run.LastEventId);
        for (; next >= 1 && response.History.Events.Count < PageSize(request.MaximumPageSize); next--)
        {
            var e = history.Event(run, next);
            bytes += e.CalculateSize();
            if (bytes > PageBytesMax && response.History.Events.Count > 0) break;
            response.History.Events.Add(e);
        }
        if (next >= 1) response.NextPageToken = TokenOf(run, next);
        return response;
    }

    /// <summary>A run has changed: answers those who waited for its events.</summary>
    public void Wake(Run run)
    {
        if (run.Waiters.Count == 0) return;
        foreach (var waiter in run.Waiters.ToArray())
        {
            var from = HistoryToken.Parser.ParseFrom(waiter.Request.NextPageToken).NextEventId;
            if (Waits(run, waiter.Request, from)) continue;
            run.Waiters.Remove(waiter);
            _waiting.Remove(waiter.CallId);
            step.Answer(waiter.CallId, Read(run, waiter.Request, from));
        }
    }

    /// <summary>The run is removed: those who wait for its history are refused.</summary>
    public void Deleted(Run run)
    {
        foreach (var waiter in run.Waiters)
        {
            _waiting.Remove(waiter.CallId);
            step.Refuse(waiter.CallId, ServiceError.NoWorkflow(run.WorkflowId));
        }
        run.Waiters.Clear();
    }

    /// <summary>
    /// The call has waited long enough: it gets no events, and a token to go on with. False when it does not wait here.
    /// </summary>
    public bool Expire(long callId, bool answer)
    {
        if (!_waiting.Remove(callId, out var run)) return false;
        var waiter = run.Waiters.Find(each => each.CallId == callId);
        run.Waiters.Remove(waiter);
        if (answer)
            step.Answer(callId, new GetWorkflowExecutionHistoryResponse
            {
                History = new(),
                NextPageToken = waiter.Request.NextPageToken,
            });
        return true;
    }

    GetWorkflowExecutionHistoryResponse Read(Run run, GetWorkflowExecutionHistoryRequest request, long from)
    {
        var response = new GetWorkflowExecutionHistoryResponse();
        if (request.HistoryEventFilterType == HistoryEventFilterType.CloseEvent)
        {
            response.History = new();
            if (!run.IsOpen) response.History.Events.Add(history.Event(run, run.LastEventId));
            return response;
        }
        var (page, next) = Page(run, from, PageSize(request.MaximumPageSize));
        response.History = page;
        if (next != 0) response.NextPageToken = TokenOf(run, next);
        else if (request.WaitNewEvent && run.IsOpen) response.NextPageToken = TokenOf(run, run.State.NextEventId);
        return response;
    }

    (History History, long Next) Page(Run run, long from, int eventsMax)
    {
        var page = new History();
        var bytes = 0;
        for (var id = from; id < run.State.NextEventId; id++)
        {
            var e = history.Event(run, id);
            bytes += e.CalculateSize();
            if (page.Events.Count > 0 && (bytes > PageBytesMax || page.Events.Count >= eventsMax)) return (page, id);
            page.Events.Add(e);
        }
        return (page, 0);
    }

    // The events that the request asks for are not there yet.
    static bool Waits(Run run, GetWorkflowExecutionHistoryRequest request, long from) =>
        run.IsOpen
        && (request.HistoryEventFilterType == HistoryEventFilterType.CloseEvent || from >= run.State.NextEventId);

    static int PageSize(int asked) => asked is > 0 and < PageEventsMax ? asked : PageEventsMax;

    // All pages are of one run, even when another one becomes the current one.
    (Run Run, HistoryToken? Token) Find(Namespace ns, WorkflowExecution? execution, ByteString page)
    {
        if (CallTokens.ParsePage(page, HistoryToken.Parser) is not { } token) return (runs.Get(ns, execution), null);
        if (!Guid.TryParse(token.RunId, out _)) throw ServiceError.Invalid(CallTokens.InvalidPage);
        if (execution is { RunId.Length: > 0 } && execution.RunId != token.RunId)
            throw ServiceError.Invalid("RunID in the request does not match the NextPageToken.");
        var named = new WorkflowExecution { WorkflowId = execution?.WorkflowId ?? "", RunId = token.RunId };
        return (runs.Get(ns, named), token);
    }

    static long Checked(HistoryToken token, long eventIdMax) =>
        token.NextEventId >= 1 && token.NextEventId <= eventIdMax
            ? token.NextEventId
            : throw ServiceError.Invalid(CallTokens.InvalidPage);

    static ByteString TokenOf(Run run, long next) =>
        new HistoryToken { RunId = run.RunId, NextEventId = next, IsWorkflowRunning = run.IsOpen }.ToByteString();
}
