using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Cli.Send;

public sealed class FollowTests : IDisposable
{
    readonly FollowRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task ALineIsSentOnceItIsWhole()
    {
        _rig.Append("one\ntw");
        await _rig.SettleAsync();
        _rig.Sent.ShouldBe(["one"]);
        _rig.Append("o\n");
        await _rig.SettleAsync();
        _rig.Sent.ShouldBe(["one", "two"]);
    }

    [Fact]
    public async Task AFileThatIsNotThereYetIsWaitedFor()
    {
        await _rig.SettleAsync();
        _rig.Told.ShouldHaveSingleItem().ShouldContain("waited for");
        _rig.Append("one\n");
        await _rig.SettleAsync();
        _rig.Sent.ShouldBe(["one"]);
    }

    [Fact]
    public async Task AfterAKillTheMarksOfTheSpoolSayHowFarItHadCome()
    {
        _rig.Append("one\n");
        await _rig.SettleAsync();
        await _rig.NoteAsync();
        _rig.Append("two\nthree\nfour\n");
        _rig.Room = 2;
        await _rig.StepAsync();
        _rig.Kill();
        _rig.Room = null;
        await _rig.SettleAsync();
        _rig.Sent.ShouldBe(["one", "two", "three", "four"]);
    }

    [Fact]
    public async Task NoPlaceIsWrittenAheadOfWhatTheSpoolHasOnTheDisk()
    {
        _rig.Append("one\n");
        await _rig.SettleAsync();
        await _rig.NoteAsync();
        _rig.Append("two\nthree\n");
        await _rig.StepAsync();
        await PowerGoesDuringAsync(_rig.NoteAsync);
        await _rig.SettleAsync();
        _rig.Sent.ShouldBe(["one", "two", "three"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NorIsThePlaceInTheNextFile(bool copiesAndTruncates)
    {
        _rig.Append("one\n");
        await _rig.SettleAsync();
        await _rig.NoteAsync();
        _rig.Append("two\n");
        await _rig.StepAsync();
        _rig.Rotate(copiesAndTruncates);
        _rig.Append("three\n");
        await PowerGoesDuringAsync(_rig.SettleAsync);
        await _rig.SettleAsync();
        _rig.Sent.ShouldBe(["one", "two", "three"]);
    }

    async Task PowerGoesDuringAsync(Func<Task> step)
    {
        _rig.PowerGoes = true;
        await Should.ThrowAsync<IOException>(step);
        _rig.Kill();
        _rig.PowerGoes = false;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RotationWhileItRunsLosesAndDoublesNothing(bool copiesAndTruncates)
    {
        _rig.Append("one\ntwo\nhalf");
        await _rig.SettleAsync();
        _rig.Append(" and half\nbefore\n");
        _rig.Rotate(copiesAndTruncates);
        _rig.Append("three\n");
        await _rig.SettleAsync();
        _rig.Sent.ShouldBe(["one", "two", "half and half", "before", "three"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SeveralRotationsWhileItIsDeadAreCaughtUpOldestFirst(bool copiesAndTruncates)
    {
        _rig.Append("one\n");
        await _rig.SettleAsync();
        await _rig.NoteAsync();
        _rig.Kill();
        _rig.Append("two\n");
        for (var i = 3; i < 8; i++)
        {
            _rig.Rotate(copiesAndTruncates);
            _rig.Append($"{i}\n");
        }
        await _rig.SettleAsync();
        _rig.Sent.ShouldBe(["one", "two", "3", "4", "5", "6", "7"]);
    }

    [Fact]
    public async Task WhoStillWritesIntoTheRenamedFileIsHeard()
    {
        _rig.Append("one\n");
        await _rig.SettleAsync();
        using var old = new FileStream(_rig.Log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        _rig.Rotate();
        await _rig.SettleAsync();
        old.Write("two\n"u8);
        old.Flush();
        await _rig.SettleAsync();
        _rig.Append("three\n");
        await _rig.StepAsync();
        old.Write("late\n"u8);
        old.Flush();
        await _rig.SettleAsync();
        _rig.Sent.ShouldBe(["one", "two", "late", "three"]);
    }

    [Fact]
    public async Task ATruncatedFileWithoutACopyIsReadFromItsStart()
    {
        _rig.Append("one\ntwo\nthree\n");
        await _rig.SettleAsync();
        File.WriteAllText(_rig.Log, "four\n");
        await _rig.SettleAsync();
        File.WriteAllText(_rig.Log, "another, longer than all that was there before\n");
        await _rig.SettleAsync();
        _rig.Sent.ShouldBe(["one", "two", "three", "four", "another, longer than all that was there before"]);
    }

    [Fact]
    public async Task AFileThatIsGoneIsSaidToBe()
    {
        _rig.Append("one\n");
        await _rig.SettleAsync();
        await _rig.NoteAsync();
        _rig.Kill();
        File.Delete(_rig.Log);
        _rig.Append("two is another file\n");
        await _rig.SettleAsync();
        _rig.Sent.ShouldBe(["one", "two is another file"]);
        _rig.Told.ShouldHaveSingleItem().ShouldContain("up to byte 4 is gone");
    }

    [Fact]
    public async Task ALineThatTheRotationFoundUnfinishedIsSentAsItIs()
    {
        _rig.Append("one\nunfinished");
        await _rig.SettleAsync();
        _rig.Rotate();
        _rig.Append("two\n");
        await _rig.SettleAsync();
        _rig.Sent.ShouldBe(["one", "unfinished", "two"]);
    }

    [Fact]
    public async Task Utf16IsFollowedToo()
    {
        _rig.Append([0xFF, 0xFE, .. Encoding.Unicode.GetBytes("första\r\nzwei")]);
        await _rig.SettleAsync();
        await _rig.NoteAsync();
        _rig.Kill();
        _rig.Append([.. Encoding.Unicode.GetBytes("\r\n三\r\n"), 0x61]);
        await _rig.SettleAsync();
        _rig.Sent.ShouldBe(["första", "zwei", "三"]);
    }

    [Fact]
    public async Task AStackTraceIsOneEventAlsoWhenAKillFallsIntoIt()
    {
        using var rig = new FollowRig(firstLine: "^[0-9]");
        rig.Append("1 boom\n  at A\n");
        await rig.StepAsync();
        rig.Kill();
        rig.Append("  at B\n2 fine\n3 boom\n");
        await rig.StepAsync(2);
        rig.Sent.ShouldBe(["1 boom\n  at A\n  at B", "2 fine"]);
        rig.Kill();
        rig.Append("  at C\n");
        await rig.SettleAsync();
        rig.Sent.ShouldBe(["1 boom\n  at A\n  at B", "2 fine", "3 boom\n  at C"]);
    }

    [Fact]
    public async Task WhateverHappensEachLineIsSentOnceAndInOrder()
    {
        for (var seed = 1; seed <= LongRuns.Choose(40, 2_000); seed++)
        {
            var random = new Random(seed);
            using var rig = new FollowRig();
            var lines = new List<string>();
            // It begins with the file that has the name then.
            Write(rig, lines, random);
            await rig.StepAsync();
            var did = new StringBuilder();
            for (var step = 0; step < 60; step++)
            {
                var action = random.Next(20);
                did.Append((char)('a' + action));
                if (action < 9) Write(rig, lines, random);
                else if (action < 14) await rig.StepAsync(random.Next(1, 4));
                else if (action < 15) await rig.SettleAsync();
                else if (action < 16) await rig.NoteAsync();
                else if (action < 18) rig.Kill();
                else if (new FileInfo(rig.Log).Length > 0) rig.Rotate(copiesAndTruncates: action == 19);
            }
            await rig.SettleAsync();
            string.Join('|', rig.Sent).ShouldBe(string.Join('|', lines), $"seed {seed}: {did}");
            rig.Marks.ShouldBe(rig.Marks.Order(), $"seed {seed}");
            rig.Told.ShouldBeEmpty($"seed {seed}");
        }
    }

    static void Write(FollowRig rig, List<string> lines, Random random)
    {
        for (var count = random.Next(1, 6); count > 0; count--)
        {
            var line = $"{lines.Count} {new string('x', random.Next(8) == 0 ? 1_500 : 3)}";
            lines.Add(line);
            rig.Append(line + "\n");
        }
    }
}
