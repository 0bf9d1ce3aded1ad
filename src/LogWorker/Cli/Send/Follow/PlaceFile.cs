namespace LogPipeline.Worker.Cli.Send.Follow;

// The file, JSON:
//
//   version   1
//   file      the path that is followed, for people
//   disk, number          which file it is, by statx; absent where the system has no such thing
//   headLength, headHash  the bytes that it begins with, at most 1024: SHA-256, the first 16 bytes
//   offset    up to here its lines are in the spool or in Temporal
//   mark      what the spool holds beside the record that ends there
//   seen      the last write to the files that were read so far

/// <summary>
/// Keeps the place in the file that is followed. It is replaced as a whole, so it is always one that was written.
/// </summary>
sealed class PlaceFile(StoreDirectory directory, string file)
{
    const string Name = "place.json";
    const string NewName = "place.json.new";
    const int Version = 1;
    const int BytesMax = 64 * 1024;

    /// <returns>Null: the file was never followed.</returns>
    /// <exception cref="InvalidDataException">It cannot be understood.</exception>
    public FilePlace? Read()
    {
        if (!directory.Exists(Name)) return null;
        using var stored = directory.Open(Name, StoreOpen.Read);
        var bytes = new byte[Math.Min(stored.Length, BytesMax)];
        try
        {
            using var json = JsonDocument.Parse(bytes.AsMemory(0, stored.Read(bytes, 0)));
            return Read(json.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException)
        {
            throw new InvalidDataException($"{Path.Combine(directory.Path, Name)} cannot be read ({e.Message}); "
                + $"remove it to send the file from its beginning.", e);
        }
    }

    /// <summary>When this returns the place survives a power cut.</summary>
    public void Write(FilePlace place)
    {
        using (var stored = directory.Open(NewName, StoreOpen.ExistingOrNew))
        {
            stored.SetLength(0);
            stored.Write(Bytes(place), 0);
            stored.Sync();
        }
        directory.Replace(NewName, Name);
    }

    static FilePlace Read(JsonElement json)
    {
        if (json.GetProperty("version").GetInt32() != Version) throw new FormatException("another version");
        FileIdentity? identity = json.TryGetProperty("number", out var number)
            ? new FileIdentity(json.GetProperty("disk").GetUInt64(), number.GetUInt64()) : null;
        return new FilePlace(identity,
            new FileHead(json.GetProperty("headLength").GetInt32(), json.GetProperty("headHash").GetString()!),
            json.GetProperty("offset").GetInt64(), json.GetProperty("mark").GetInt64(),
            json.GetProperty("seen").GetDateTimeOffset());
    }

    byte[] Bytes(FilePlace place)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteString("file", file);
            if (place.Identity is { } identity)
            {
                json.WriteNumber("disk", identity.Disk);
                json.WriteNumber("number", identity.Number);
            }
            json.WriteNumber("headLength", place.Head.Length);
            json.WriteString("headHash", place.Head.Hash);
            json.WriteNumber("offset", place.Offset);
            json.WriteNumber("mark", place.Mark);
            json.WriteString("seen", place.Seen);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }
}
