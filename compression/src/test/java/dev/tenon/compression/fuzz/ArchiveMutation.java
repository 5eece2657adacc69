package dev.tenon.compression.fuzz;

import dev.tenon.testkit.fuzz.Hostile;
import dev.tenon.testkit.fuzz.Mutation;
import dev.tenon.testkit.fuzz.NpyMutation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** Changes archives of arrays: an array, the names and the number of arrays, or bytes of the archive, those of its directory above all. */
final class ArchiveMutation implements Mutation {
    private static final int MOST_ENTRIES = 60;
    private static final int MOST_BYTES = 1 << 14;
    private static final int DIRECTORY = 120;
    private static final List<String> NAMES =
            List.of("x.npy", "x.npy", "x.npy", "y.npy", ".npy", "../x.npy", "x.npy/", "a/x.npy", "\u0000.npy", "x");
    private static final NpyMutation ARRAYS = new NpyMutation();

    /** A file of an archive. */
    private record Entry(String name, byte[] data) {}

    @Override
    public byte[] apply(byte[] file, byte[] other, SplittableRandom random) {
        List<Entry> entries = entries(file);
        if (entries.isEmpty() || random.nextInt(3) == 0) {
            return random.nextBoolean() ? directory(file, random) : Hostile.damaged(file, random);
        }
        List<Entry> others = entries(other);
        int at = random.nextInt(entries.size());
        Entry entry = entries.get(at);
        byte[] data = others.isEmpty()
                ? entry.data()
                : others.get(random.nextInt(others.size())).data();
        switch (random.nextInt(8)) {
            case 0 -> entries.remove(at);
            case 1 -> {
                for (int i = random.nextInt(1, MOST_ENTRIES); i > 0; i--) {
                    entries.add(new Entry(i + entry.name(), data));
                }
            }
            case 2 -> entries.set(at, new Entry(NAMES.get(random.nextInt(NAMES.size())), entry.data()));
            case 3 -> entries.set(at, new Entry(entry.name(), data));
            case 4 -> entries.add(new Entry(NAMES.get(random.nextInt(NAMES.size())), data));
            default -> entries.set(at, new Entry(entry.name(), ARRAYS.apply(entry.data(), data, random)));
        }
        byte[] changed = archive(entries, random.nextBoolean());
        return random.nextInt(4) == 0 ? directory(changed, random) : changed;
    }

    /** Changes a number of 2 or 4 bytes near the end, where the directory is. */
    private static byte[] directory(byte[] file, SplittableRandom random) {
        byte[] changed = file.clone();
        int width = random.nextBoolean() ? 2 : 4;
        int start = Math.max(0, file.length - DIRECTORY);
        if (file.length - start <= width) {
            return changed;
        }
        int at = random.nextInt(start, file.length - width);
        long number = Hostile.number(random);
        for (int i = 0; i < width; i++) {
            changed[at + i] = (byte) (number >> 8 * i);
        }
        return changed;
    }

    private static List<Entry> entries(byte[] file) {
        List<Entry> entries = new ArrayList<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(file))) {
            for (ZipEntry e = in.getNextEntry(); e != null && entries.size() < MOST_ENTRIES; e = in.getNextEntry()) {
                entries.add(new Entry(e.getName(), in.readNBytes(MOST_BYTES)));
            }
        } catch (IOException | IllegalArgumentException e) {
            // A damaged archive has the entries before the damage.
            return entries;
        }
        return entries;
    }

    static byte[] archive(String name, byte[] array, boolean isStored) {
        return archive(List.of(new Entry(name, array)), isStored);
    }

    private static byte[] archive(List<Entry> entries, boolean isStored) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        List<String> names = new ArrayList<>();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (Entry entry : entries) {
                if (names.contains(entry.name())) {
                    continue;
                }
                names.add(entry.name());
                ZipEntry e = new ZipEntry(entry.name());
                if (isStored) {
                    CRC32 crc = new CRC32();
                    crc.update(entry.data());
                    e.setMethod(ZipEntry.STORED);
                    e.setSize(entry.data().length);
                    e.setCrc(crc.getValue());
                }
                out.putNextEntry(e);
                out.write(entry.data());
                out.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
