namespace Vpo.Storage;

/// <summary>One line of a stage's file.</summary>
public interface IRecord
{
    /// <summary>Hash of what determines the record: the same work has the same id in every run.</summary>
    string Id { get; }
}
