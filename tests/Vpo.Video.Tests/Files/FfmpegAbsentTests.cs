using Vpo.Video.Files;

namespace Vpo.Video.Tests.Files;

public sealed class FfmpegAbsentTests
{
    [Fact]
    public void Find_ProgramAbsent_SaysHowToInstallIt()
    {
        var message = Assert.Throws<IOException>(() => Ffmpeg.Find("ffmpeg-of-nowhere")).Message;
        Assert.Contains("'ffmpeg-of-nowhere' is needed", message, StringComparison.Ordinal);
        Assert.Contains("install ffmpeg", message, StringComparison.Ordinal);
    }
}
