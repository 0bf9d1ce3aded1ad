using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Namespace.V1;
using Temporalio.Api.Replication.V1;
using NamespaceState = TemporalDevServer.Engine.State.NamespaceState;

namespace TemporalDevServer.Engine;

/// <summary>Namespaces: registered, described, changed; found for every request that names one.</summary>
sealed class NamespaceRegistry(EngineState engine, IdSource ids, RunIndex runs)
{
    // The retention of a namespace that sets none, as in the official development server.
    const long DefaultRetention = TimeSpan.TicksPerDay;

    // A page of the largest namespaces fits into one gRPC message.
    const int PageSizeMax = 3 * 1024 * 1024 / Limits.NamespaceBytesMax;

    readonly List<Namespace> _all = [.. engine.Namespaces.Select(state => new Namespace(state))];

    public IReadOnlyList<Namespace> All => _all;

    public Namespace ById(string id) => _all.First(ns => ns.Id == id);

    /// <exception cref="ServiceError">There is none of that name.</exception>
    public Namespace Get(string name)
    {
        if (name.Length == 0) throw ServiceError.Invalid("Namespace not set on request.");
        Limits.CheckId("Namespace", name);
        return Find(name) ?? throw NotFound(name);
    }

    public Namespace? Find(string name)
    {
        // There are few: no index would be faster.
        foreach (var ns in _all)
            if (ns.Name == name) return ns;
        return null;
    }

    public RegisterNamespaceResponse Register(RegisterNamespaceRequest request)
    {
        if (request.Namespace.Length == 0) throw ServiceError.Invalid("Namespace not set on request.");
        Limits.CheckId("Namespace", request.Namespace);
        if (request.IsGlobalNamespace) throw ServiceError.Invalid("Cannot register global namespace when not enabled.");
        var retention = Ticks.Of(request.WorkflowExecutionRetentionPeriod);
        if (request.WorkflowExecutionRetentionPeriod is null)
            throw ServiceError.Invalid("Retention period is not set on request.");
        CheckRetention(retention);
        if (Find(request.Namespace) is not null)
            throw new ServiceError(
                StatusCode.AlreadyExists, "Namespace already exists.", new NamespaceAlreadyExistsFailure());
        if (_all.Count >= Limits.NamespacesMax)
            throw ServiceError.TooMuch(
                $"The server has {_all.Count} namespaces, and {Limits.NamespacesMax} are allowed.",
                ResourceExhaustedCause.PersistenceStorageLimit);
        var state = new NamespaceState
        {
            Name = request.Namespace,
            Description = request.Description,
            Owner = request.OwnerEmail,
            Data = { request.Data },
            Retention = retention,
            Status = Temporalio.Api.Enums.V1.NamespaceState.Registered,
        };
        CheckSize(state);
        state.Id = ids.NewId();
        Add(state);
        return new();
    }

    /// <summary>Makes a namespace that the server's operator named, unless it is there.</summary>
    public void Ensure(string name)
    {
        if (Find(name) is null)
            Add(new NamespaceState
            {
                Id = ids.NewId(),
                Name = name,
                Retention = DefaultRetention,
                Status = Temporalio.Api.Enums.V1.NamespaceState.Registered,
            });
    }

    public UpdateNamespaceResponse Update(UpdateNamespaceRequest request)
    {
        var state = Get(request.Namespace).State;
        // All is checked before any is changed.
        if (request.UpdateInfo is { } asked)
        {
            var wanted = state.Clone();
            Change(wanted, asked);
            CheckSize(wanted);
        }
        if (request.Config?.WorkflowExecutionRetentionTtl is { } asks) CheckRetention(Ticks.Of(asks));
        if (request.UpdateInfo is { } info) Change(state, info);
        if (request.Config?.WorkflowExecutionRetentionTtl is { } retention)
        {
            state.Retention = Ticks.Of(retention);
            foreach (var run in runs.All.Where(run => ReferenceEquals(run.Namespace.State, state) && !run.IsOpen))
                runs.Touch(run);
        }
        var described = Describe(state);
        return new()
        {
            NamespaceInfo = described.NamespaceInfo,
            Config = described.Config,
            ReplicationConfig = described.ReplicationConfig,
        };
    }

    public DescribeNamespaceResponse Describe(DescribeNamespaceRequest request)
    {
        if (request.Namespace.Length > 0) return Describe(Get(request.Namespace).State);
        if (request.Id.Length == 0) throw ServiceError.Invalid("Namespace not set on request.");
        return Describe((_all.Find(ns => ns.Id == request.Id) ?? throw NotFound(request.Id)).State);
    }

    public ListNamespacesResponse List(ListNamespacesRequest request)
    {
        var skip = CallTokens.OffsetOf(request.NextPageToken);
        var size = request.PageSize is > 0 and <= PageSizeMax ? request.PageSize : PageSizeMax;
        var response = new ListNamespacesResponse();
        foreach (var ns in _all.Skip(skip).Take(size)) response.Namespaces.Add(Describe(ns.State));
        var next = skip + response.Namespaces.Count;
        if (next < _all.Count && response.Namespaces.Count > 0) response.NextPageToken = CallTokens.OfOffset(next);
        return response;
    }

    /// <summary>With what it is about to hold, the namespace takes no more room than one may.</summary>
    /// <exception cref="ServiceError">It would.</exception>
    public static void CheckSize(NamespaceState wanted)
    {
        var bytes = wanted.CalculateSize();
        if (bytes > Limits.NamespaceBytesMax)
            throw ServiceError.Invalid(
                $"Namespace {wanted.Name} would take {bytes} bytes with its description, owner, data and search "
                + $"attributes, and {Limits.NamespaceBytesMax} are allowed.");
    }

    static void Change(NamespaceState state, UpdateNamespaceInfo info)
    {
        if (info.Description.Length > 0) state.Description = info.Description;
        if (info.OwnerEmail.Length > 0) state.Owner = info.OwnerEmail;
        foreach (var (key, value) in info.Data) state.Data[key] = value;
    }

    void Add(NamespaceState state)
    {
        engine.Namespaces.Add(state);
        _all.Add(new Namespace(state));
    }

    static void CheckRetention(long retention)
    {
        if (retention is < TimeSpan.TicksPerDay and not 0)
            throw ServiceError.Invalid(
                "A valid retention period is not set on request: it is a day or more, or 0 for ever.");
    }

    static ServiceError NotFound(string name) =>
        new(StatusCode.NotFound, $"Namespace {name} is not found.", new NamespaceNotFoundFailure { Namespace = name });

    static DescribeNamespaceResponse Describe(NamespaceState state) => new()
    {
        NamespaceInfo = new()
        {
            Id = state.Id,
            Name = state.Name,
            Description = state.Description,
            OwnerEmail = state.Owner,
            Data = { state.Data },
            State = state.Status,
            Capabilities = new() { EagerWorkflowStart = true, SyncUpdate = true, AsyncUpdate = true },
        },
        Config = new()
        {
            WorkflowExecutionRetentionTtl = Ticks.ToDuration(state.Retention),
            BadBinaries = new(),
            HistoryArchivalState = ArchivalState.Disabled,
            VisibilityArchivalState = ArchivalState.Disabled,
        },
        ReplicationConfig = new()
        {
            ActiveClusterName = ServerInfo.ClusterName,
            Clusters = { new ClusterReplicationConfig { ClusterName = ServerInfo.ClusterName } },
        },
    };
}
