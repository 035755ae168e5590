namespace Vpo.Video.Files;

/// <summary>A file or folder that is made beside its place and moved there when it is complete; whatever is left of it otherwise is deleted.</summary>
internal sealed class PartialFile : IDisposable
{
    private static int _count;
    private readonly string _target;
    private bool _done;

    public PartialFile(string target)
    {
        _target = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(target));
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(_target)!);
        Path = $"{_target}.{Environment.ProcessId}.{Interlocked.Increment(ref _count)}.partial";
    }

    /// <summary>Where to write.</summary>
    public string Path { get; }

    /// <summary>Flushes a file to the disk and moves it into place, over an earlier one.</summary>
    public void Commit()
    {
        using (var file = new FileStream(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read))
            file.Flush(flushToDisk: true);
        File.Move(Path, _target, overwrite: true);
        _done = true;
    }

    /// <summary>Moves a folder into place; an earlier one is put aside and then deleted.</summary>
    public void CommitFolder()
    {
        var aside = Path + ".old";
        if (Directory.Exists(_target))
            Directory.Move(_target, aside);
        Directory.Move(Path, _target);
        _done = true;
        if (Directory.Exists(aside))
            Directory.Delete(aside, recursive: true);
    }

    public void Dispose()
    {
        if (_done)
            return;
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
        File.Delete(Path);
    }
}
