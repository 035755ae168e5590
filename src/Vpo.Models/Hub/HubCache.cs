using Vpo.Storage;

namespace Vpo.Models.Hub;

/// <summary>The folders of Hugging Face's cache: models--owner--name with blobs (content by checksum), snapshots (links by commit) and refs (commits by name).</summary>
internal sealed class HubCache(string root, string repository)
{
    private readonly string _folder = Path.Combine(root, "models--" + repository.Replace("/", "--", StringComparison.Ordinal));

    public string BlobOf(HubFile file) => Path.Combine(_folder, "blobs", file.ContentId);

    public string SnapshotOf(string commit) => Path.Combine(_folder, "snapshots", commit);

    /// <summary>The newest snapshot that was pulled under this name; null without one.</summary>
    public string? Find(string revision)
    {
        var reference = Path.Combine(_folder, "refs", revision);
        var commit = File.Exists(reference) ? File.ReadAllText(reference).Trim() : revision;
        return Directory.Exists(SnapshotOf(commit)) ? SnapshotOf(commit) : null;
    }

    public void Remember(string revision, string commit)
    {
        if (revision != commit)
            AtomicFile.WriteText(Path.Combine(_folder, "refs", revision), commit);
    }

    /// <summary>Shows a blob under its name in the snapshot: a relative link, or a copy where the file system has no links.</summary>
    public void Link(HubFile file, string commit)
    {
        var path = Path.Combine(SnapshotOf(commit), file.Path.Replace('/', Path.DirectorySeparatorChar));
        if (File.Exists(path))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Delete(path);   // a link that leads nowhere
        try
        {
            File.CreateSymbolicLink(path, Path.GetRelativePath(Path.GetDirectoryName(path)!, BlobOf(file)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            File.Copy(BlobOf(file), path + ".partial", overwrite: true);
            File.Move(path + ".partial", path, overwrite: true);
        }
    }
}
