namespace LogPipeline.DurableFiles;

/// <summary>Who this process acts as.</summary>
public static class CurrentUser
{
    /// <summary>For people: the name, or, of a user that the system knows by number only, <c>uid 12345</c>.</summary>
    public static string Name => Environment.UserName.Length > 0 || OperatingSystem.IsWindows()
        ? Environment.UserName : $"uid {UnixCalls.UserId}";
}
