using Temporalio.Client;

namespace Temporalio.Common.EnvConfig;

public sealed partial record ClientEnvConfig
{
    /// <summary>One profile; null: not said.</summary>
    public sealed record Profile(
        string? Address = null,
        string? Namespace = null,
        string? ApiKey = null,
        Tls? Tls = null,
        IReadOnlyDictionary<string, string>? GrpcMeta = null)
    {
        /// <summary>A profile of the file, with the variables over it.</summary>
        /// <exception cref="InvalidOperationException">File, profile or variables cannot be used; the message says which.</exception>
        public static Profile Load(ProfileLoadOptions? options = null) => ProfileLoader.Load(options ?? new());

        public static Profile FromDictionary(IReadOnlyDictionary<string, object> dictionary) => new(
            dictionary.GetValueOrDefault("address") as string,
            dictionary.GetValueOrDefault("namespace") as string,
            dictionary.GetValueOrDefault("api_key") as string,
            dictionary.GetValueOrDefault("tls") is IReadOnlyDictionary<string, object> tls ? Tls.FromDictionary(tls) : null,
            dictionary.GetValueOrDefault("grpc_meta") as IReadOnlyDictionary<string, string>);

        /// <summary>Options of a client. Files of certificates are read now.</summary>
        /// <exception cref="InvalidOperationException">A certificate's file cannot be read.</exception>
        public TemporalClientConnectOptions ToClientConnectionOptions()
        {
            var options = new TemporalClientConnectOptions
            {
                TargetHost = Address,
                ApiKey = ApiKey,
                Tls = Tls is not null ? Tls.ToTlsOptions() : ApiKey is not null ? new TlsOptions() : null,
                RpcMetadata = GrpcMeta is null ? null : [.. GrpcMeta],
            };
            if (Namespace is not null) options.Namespace = Namespace;
            return options;
        }

        public Dictionary<string, object> ToDictionary()
        {
            var dictionary = new Dictionary<string, object>();
            if (Address is not null) dictionary["address"] = Address;
            if (Namespace is not null) dictionary["namespace"] = Namespace;
            if (ApiKey is not null) dictionary["api_key"] = ApiKey;
            if (Tls is not null) dictionary["tls"] = Tls.ToDictionary();
            if (GrpcMeta is not null) dictionary["grpc_meta"] = GrpcMeta;
            return dictionary;
        }
    }

    /// <summary>TLS of a profile. Even an empty one turns it on.</summary>
    /// <param name="Disabled">Null: on, as the profile has TLS settings at all.</param>
    public sealed record Tls(
        bool? Disabled = null,
        string? ServerName = null,
        DataSource? ServerRootCACert = null,
        DataSource? ClientCert = null,
        DataSource? ClientPrivateKey = null)
    {
        public static Tls FromDictionary(IReadOnlyDictionary<string, object> dictionary) => new(
            dictionary.GetValueOrDefault("disabled") as bool?,
            dictionary.GetValueOrDefault("server_name") as string,
            DataSource.FromDictionary(dictionary.GetValueOrDefault("server_ca_cert") as IReadOnlyDictionary<string, string>),
            DataSource.FromDictionary(dictionary.GetValueOrDefault("client_cert") as IReadOnlyDictionary<string, string>),
            DataSource.FromDictionary(dictionary.GetValueOrDefault("client_key") as IReadOnlyDictionary<string, string>));

        /// <exception cref="InvalidOperationException">A file cannot be read.</exception>
        public TlsOptions? ToTlsOptions() => Disabled == true
            ? new() { Disabled = true }
            : new()
            {
                Domain = ServerName,
                ServerRootCACert = Read(ServerRootCACert, "server CA certificate"),
                ClientCert = Read(ClientCert, "client certificate"),
                ClientPrivateKey = Read(ClientPrivateKey, "client key"),
            };

        public Dictionary<string, object> ToDictionary()
        {
            var dictionary = new Dictionary<string, object>();
            if (Disabled is { } disabled) dictionary["disabled"] = disabled;
            if (ServerName is not null) dictionary["server_name"] = ServerName;
            if (ServerRootCACert?.ToDictionary() is { } ca) dictionary["server_ca_cert"] = ca;
            if (ClientCert?.ToDictionary() is { } certificate) dictionary["client_cert"] = certificate;
            if (ClientPrivateKey?.ToDictionary() is { } key) dictionary["client_key"] = key;
            return dictionary;
        }

        static byte[]? Read(DataSource? source, string what)
        {
            try
            {
                return source?.GetBytes();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new InvalidOperationException($"Configuration loading error: the {what} in '{source!.Path}' cannot be read: {e.Message}", e);
            }
        }
    }
}
