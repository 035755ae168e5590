namespace Vpo.Models.Hub;

/// <summary>A model could not be fetched: the message says what was asked, what the hub answered, and what to do.</summary>
public sealed class HubException : IOException
{
    /// <summary>With a message.</summary>
    public HubException(string message) : base(message) { }

    /// <summary>With a message and its cause.</summary>
    public HubException(string message, Exception cause) : base(message, cause) { }
}
