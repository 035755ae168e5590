using Vpo.Storage;

namespace Vpo.Tests.Storage;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-atomic-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Write_FailingHalfWay_LeavesTheEarlierFileAndNothingElse()
    {
        var path = Path.Combine(_folder, "a.txt");
        AtomicFile.WriteText(path, "earlier");
        Assert.Throws<IOException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write("half"u8);
            throw new IOException("No space left on device");
        }));
        Assert.Equal("earlier", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Write_InANewFolder_MakesIt()
    {
        var path = Path.Combine(_folder, "b", "c", "a.txt");
        AtomicFile.WriteText(path, "ä");
        Assert.Equal([0xc3, 0xa4], File.ReadAllBytes(path));
    }

    [Fact]
    public void Write_WhereAFileStandsInsteadOfAFolder_ThrowsIOException()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        Assert.ThrowsAny<IOException>(() => AtomicFile.WriteText(Path.Combine(file, "a.txt"), "x"));
    }
}
