using Temporalio.Api.OperatorService.V1;

namespace TemporalDevServer.Engine;

/// <summary>What an operator may change: a namespace's own search attributes.</summary>
sealed class SearchAttributeRegistry(NamespaceRegistry namespaces)
{
    const int AttributesMax = 100;

    public AddSearchAttributesResponse Add(AddSearchAttributesRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        if (request.SearchAttributes.Count == 0) throw ServiceError.Invalid("SearchAttributes are not set on request.");
        foreach (var (name, type) in request.SearchAttributes)
        {
            if (name.Length == 0) throw ServiceError.Invalid("Search attribute name is empty.");
            if (SearchAttributeRules.OfSystem.ContainsKey(name) || SearchAttributeRules.Predefined.ContainsKey(name))
                throw ServiceError.Invalid($"Search attribute {name} is reserved by system.");
            if (type is IndexedValueType.Unspecified || !System.Enum.IsDefined(type))
                throw ServiceError.Invalid($"Unknown search attribute type: {type}.");
            if (ns.State.SearchAttributes.TryGetValue(name, out var known) && known != (int)type)
                throw new ServiceError(
                    StatusCode.AlreadyExists,
                    $"Search attribute {name} already exists with type {(IndexedValueType)known}.");
        }
        if (ns.State.SearchAttributes.Keys.Union(request.SearchAttributes.Keys).Count() > AttributesMax)
            throw ServiceError.Invalid(
                $"Unable to create search attributes: cannot have more than {AttributesMax} search attributes in "
                + $"namespace {ns.Name}.");
        var wanted = ns.State.Clone();
        foreach (var (name, type) in request.SearchAttributes) wanted.SearchAttributes[name] = (int)type;
        NamespaceRegistry.CheckSize(wanted);
        foreach (var (name, type) in request.SearchAttributes) ns.State.SearchAttributes[name] = (int)type;
        return new();
    }

    public RemoveSearchAttributesResponse Remove(RemoveSearchAttributesRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        if (request.SearchAttributes.Count == 0) throw ServiceError.Invalid("SearchAttributes are not set on request.");
        foreach (var name in request.SearchAttributes)
        {
            if (SearchAttributeRules.OfSystem.ContainsKey(name) || SearchAttributeRules.Predefined.ContainsKey(name))
                throw ServiceError.Invalid($"Unable to remove non-custom search attributes: {name}.");
            if (!ns.State.SearchAttributes.ContainsKey(name))
                throw ServiceError.NotFound($"Search attribute {name} doesn't exist.");
        }
        foreach (var name in request.SearchAttributes) ns.State.SearchAttributes.Remove(name);
        return new();
    }

    public ListSearchAttributesResponse List(ListSearchAttributesRequest request)
    {
        var response = new ListSearchAttributesResponse();
        foreach (var (name, type) in SearchAttributeRules.OfSystem.Concat(SearchAttributeRules.Predefined))
            response.SystemAttributes.Add(name, type);
        foreach (var (name, type) in namespaces.Get(request.Namespace).State.SearchAttributes)
            response.CustomAttributes.Add(name, (IndexedValueType)type);
        return response;
    }

    /// <summary>Those of every namespace, as the call names none.</summary>
    public GetSearchAttributesResponse KnownSearchAttributes()
    {
        var response = new GetSearchAttributesResponse();
        foreach (var (name, type) in SearchAttributeRules.OfSystem.Concat(SearchAttributeRules.Predefined))
            response.Keys.Add(name, type);
        foreach (var ns in namespaces.All)
            foreach (var (name, type) in ns.State.SearchAttributes) response.Keys[name] = (IndexedValueType)type;
        return response;
    }
}
