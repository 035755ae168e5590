namespace Vpo;

/// <summary>A clip that could not be made: the service refused or lost it, the program failed, the time was up. The message says what to do.</summary>
public sealed class VideoGenerationException : Exception
{
    /// <summary>Says why.</summary>
    public VideoGenerationException(string message) : base(message) { }

    /// <summary>Says why, with the cause.</summary>
    public VideoGenerationException(string message, Exception cause) : base(message, cause) { }

    /// <summary>The service's own code for the failure, such as "moderation_blocked"; null when it gave none.</summary>
    public string? Code { get; init; }
}
