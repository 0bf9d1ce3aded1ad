namespace Temporalio.Client.Interceptors;

/// <summary>Stands around a client's operations.</summary>
public interface IClientInterceptor
{
    /// <summary>Called once a client, from the last interceptor to the first.</summary>
    ClientOutboundInterceptor InterceptClient(ClientOutboundInterceptor nextInterceptor) => nextInterceptor;
}
