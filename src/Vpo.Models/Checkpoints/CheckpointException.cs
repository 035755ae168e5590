namespace Vpo.Models.Checkpoints;

/// <summary>A checkpoint can't be used: the file is damaged, or its content is not what the model needs.</summary>
public class CheckpointException : Exception
{
    /// <summary>Says what was expected, what was found, and what to do.</summary>
    public CheckpointException(string message) : base(message) { }

    /// <summary>The same, with the cause.</summary>
    public CheckpointException(string message, Exception cause) : base(message, cause) { }
}

/// <summary>The tensors of a checkpoint are not those of the model; the message lists every missing, unexpected and misshapen name.</summary>
public sealed class CheckpointMismatchException(string message) : CheckpointException(message);
