package dev.tenon.fuzz;

import dev.tenon.testkit.fuzz.Hostile;
import dev.tenon.testkit.fuzz.Mutation;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Changes images: PNG chunk by chunk, with checksums and the compression repaired; other formats byte by byte, numbers of the
 * header above all.
 */
final class ImageMutation implements Mutation {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    private static final int FRAME = 12;
    private static final int HEADER = 64;
    private static final int MOST = 1 << 16;

    /** A chunk of a PNG. */
    private record Chunk(String type, byte[] data) {}

    @Override
    public byte[] apply(byte[] file, byte[] other, SplittableRandom random) {
        List<Chunk> chunks = random.nextInt(6) == 0 ? List.of() : chunks(file);
        if (chunks.isEmpty()) {
            boolean isHeader = random.nextBoolean();
            byte[] changed = isHeader ? header(file, random) : file;
            return isHeader && random.nextBoolean() ? changed : Hostile.damaged(changed, random);
        }
        List<Chunk> changed = new ArrayList<>(chunks);
        List<Chunk> others = chunks(other);
        for (int i = random.nextInt(1, 4); i > 0 && !changed.isEmpty(); i--) {
            change(changed, others, random);
        }
        return file(changed);
    }

    /** Changes a number of 1, 2 or 4 bytes in the first bytes of a file. */
    private static byte[] header(byte[] file, SplittableRandom random) {
        byte[] changed = file.clone();
        int width = 1 << random.nextInt(3);
        int end = Math.min(HEADER, file.length) - width;
        if (end <= 0) {
            return changed;
        }
        int at = random.nextInt(end);
        long number = Hostile.number(random);
        boolean isBig = random.nextBoolean();
        for (int i = 0; i < width; i++) {
            changed[at + i] = (byte) (number >> 8 * (isBig ? width - 1 - i : i));
        }
        return changed;
    }

    private static void change(List<Chunk> chunks, List<Chunk> others, SplittableRandom random) {
        int at = random.nextInt(chunks.size());
        Chunk chunk = chunks.get(at);
        switch (random.nextInt(7)) {
            case 0 -> chunks.remove(at);
            case 1 -> chunks.add(random.nextInt(chunks.size() + 1), chunk);
            case 2 -> {
                if (!others.isEmpty()) {
                    chunks.set(at, others.get(random.nextInt(others.size())));
                }
            }
            case 3 ->
                chunks.set(
                        at, new Chunk(chunks.get(random.nextInt(chunks.size())).type(), chunk.data()));
            default -> chunks.set(at, changed(chunk, random));
        }
    }

    private static Chunk changed(Chunk chunk, SplittableRandom random) {
        if (chunk.type().equals("IHDR") && chunk.data().length == 13) {
            byte[] data = chunk.data().clone();
            int field = random.nextInt(7);
            if (field < 2) {
                int size = random.nextInt(3) == 0 ? (int) Hostile.number(random) : random.nextInt(1, 600);
                ByteBuffer.wrap(data).putInt(4 * field, size);
            } else {
                data[6 + field] = (byte) (random.nextInt(4) == 0 ? random.nextInt() : 1 << random.nextInt(5));
            }
            return new Chunk(chunk.type(), data);
        }
        if (chunk.type().equals("IDAT") && random.nextInt(3) > 0) {
            byte[] pixels = inflated(chunk.data());
            return new Chunk(chunk.type(), deflated(Hostile.damaged(pixels, random)));
        }
        return new Chunk(chunk.type(), Hostile.bytes(chunk.data(), random));
    }

    private static List<Chunk> chunks(byte[] file) {
        List<Chunk> chunks = new ArrayList<>();
        if (file.length < SIGNATURE.length
                || !Arrays.equals(file, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length)) {
            return chunks;
        }
        int at = SIGNATURE.length;
        while (at + FRAME <= file.length) {
            int length = ByteBuffer.wrap(file).getInt(at);
            if (length < 0 || length > file.length - at - FRAME) {
                break;
            }
            chunks.add(new Chunk(
                    new String(file, at + 4, 4, StandardCharsets.ISO_8859_1),
                    Arrays.copyOfRange(file, at + 8, at + 8 + length)));
            at += FRAME + length;
        }
        return chunks;
    }

    private static byte[] file(List<Chunk> chunks) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(SIGNATURE);
        for (Chunk chunk : chunks) {
            byte[] type = chunk.type().getBytes(StandardCharsets.ISO_8859_1);
            CRC32 crc = new CRC32();
            crc.update(type);
            crc.update(chunk.data());
            out.writeBytes(ByteBuffer.allocate(4).putInt(chunk.data().length).array());
            out.writeBytes(type);
            out.writeBytes(chunk.data());
            out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
        }
        return out.toByteArray();
    }

    private static byte[] inflated(byte[] data) {
        byte[] out = new byte[MOST];
        try (Inflater inflater = new Inflater()) {
            inflater.setInput(data);
            return Arrays.copyOf(out, inflater.inflate(out));
        } catch (DataFormatException e) {
            return data;
        }
    }

    private static byte[] deflated(byte[] data) {
        byte[] out = new byte[data.length + HEADER];
        try (Deflater deflater = new Deflater()) {
            deflater.setInput(data);
            deflater.finish();
            return Arrays.copyOf(out, deflater.deflate(out));
        }
    }
}
