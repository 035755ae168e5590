using System.Text;

namespace Vpo.Models.Checkpoints;

/// <summary>What to do about a file that is not what its name says.</summary>
internal static class BrokenDownload
{
    private const int Enough = 256;

    /// <summary>One sentence or two, from the file's first bytes: a Git LFS pointer, a web page, an empty or a broken file.</summary>
    /// <param name="path">Need not exist.</param>
    public static string Advice(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var bytes = new byte[Enough];
            var begin = Encoding.ASCII.GetString(bytes, 0, file.ReadAtLeast(bytes, Enough, throwOnEndOfStream: false)).TrimStart();
            if (begin.StartsWith("version https://git-lfs", StringComparison.Ordinal))
                return "The file is a Git LFS pointer, not what it points to: run 'git lfs pull' there, or download the model with 'vpo pull'.";
            if (begin.StartsWith("<!doctype", StringComparison.OrdinalIgnoreCase) || begin.StartsWith("<html", StringComparison.OrdinalIgnoreCase))
                return "The file is a web page, not a model's file: was a log-in needed? Download it with 'vpo pull' and HF_TOKEN set.";
            return file.Length == 0 ? "The file is empty. Download it again." : "If it was downloaded, download it again.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "";
        }
    }
}
