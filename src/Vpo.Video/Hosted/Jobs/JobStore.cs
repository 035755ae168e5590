using Vpo.Storage;

namespace Vpo.Video.Hosted;

/// <summary>The folder of clips and the file of jobs. Append-only; survives a kill at any moment.</summary>
internal sealed class JobStore(string folder) : IDisposable
{
    private const string FileName = "jobs.jsonl", LockName = "jobs.lock";
    private readonly Lock _lock = new();
    private readonly string _path = Path.Combine(folder, FileName);
    private Dictionary<string, VideoJob>? _jobs;
    private readonly HashSet<string> _known = [];
    private FileStream? _held;

    /// <summary>The last line of an id; null when it is new.</summary>
    /// <exception cref="IOException">Another process uses the folder.</exception>
    public VideoJob? Find(string id)
    {
        lock (_lock)
            return Jobs().GetValueOrDefault(id);
    }

    /// <summary>Whether a job of the service belongs to any request, past ones included.</summary>
    public bool Knows(string jobId)
    {
        lock (_lock)
            return Jobs().Count >= 0 && _known.Contains(jobId);
    }

    /// <summary>Writes a line and flushes it to the disk.</summary>
    public VideoJob Append(VideoJob job)
    {
        lock (_lock)
        {
            var jobs = Jobs();
            JsonlFile.Append(_path, [job], VideoJobJson.Lines.VideoJob);
            Remember(jobs, job);
            return job;
        }
    }

    public string PathOf(string file) => Path.Combine(folder, file);

    /// <summary>The finished clip of a job, if it is still there in its full length.</summary>
    public string? ClipOf(VideoJob? job) =>
        job is { Phase: JobPhase.Done, File: { } file, Length: { } length } && new FileInfo(PathOf(file)) is { Exists: true } info && info.Length == length ? info.FullName : null;

    public void Dispose() => _held?.Dispose();

    private Dictionary<string, VideoJob> Jobs()
    {
        if (_jobs is not null)
            return _jobs;
        Directory.CreateDirectory(folder);
        try
        {
            _held ??= new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"the folder '{folder}' is in use by another generator: give each its own Folder, or wait until the other has ended.", e);
        }
        foreach (var left in Directory.EnumerateFiles(folder, "*.partial"))
            File.Delete(left);   // of a program that was killed: nobody else uses this folder
        var jobs = new Dictionary<string, VideoJob>();
        foreach (var job in JsonlFile.Read(_path, VideoJobJson.Lines.VideoJob))
            Remember(jobs, job);
        return _jobs = jobs;
    }

    private void Remember(Dictionary<string, VideoJob> jobs, VideoJob job)
    {
        jobs[job.Id] = job;
        if (job.JobId is not null)
            _known.Add(job.JobId);
    }
}
