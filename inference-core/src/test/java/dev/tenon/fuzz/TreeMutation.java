package dev.tenon.fuzz;

import dev.tenon.error.TenonException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.json.DataReader;
import dev.tenon.formats.json.JsonReader;
import dev.tenon.testkit.fuzz.Hostile;
import dev.tenon.testkit.fuzz.JsonMutation;
import dev.tenon.testkit.fuzz.Mutation;
import dev.tenon.testkit.fuzz.Words;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/**
 * Changes models of trees. A third are changed byte by byte: cut off, bits flipped, or nothing but random bytes. The
 * others are changed value by value, or word by word, numbers and names above all. In CatBoost's binary format the words are of 32
 * bits.
 *
 * @param binary whether documents of JSON are written as UBJSON, with its counts and bytes
 */
record TreeMutation(boolean binary) implements Mutation {
    /** The bytes before the core of CatBoost's binary format. */
    private static final int CBM_CORE = 8;

    @Override
    public byte[] apply(byte[] file, byte[] other, SplittableRandom random) {
        if (isCbm(file)) {
            return cbm(file, random);
        }
        boolean isUbjson = isUbjson(file);
        byte[] bytes = binary && !isUbjson ? ubjson(file) : file;
        if (bytes == null || isUbjson || random.nextInt(3) == 0) {
            return Hostile.damaged(bytes == null ? file : bytes, random);
        }
        String before = new String(file, StandardCharsets.UTF_8);
        String otherText = new String(other, StandardCharsets.UTF_8);
        String text = before.startsWith("{") && random.nextBoolean()
                ? JsonMutation.changed(before, otherText, random)
                : Words.changed(before, otherText, random);
        byte[] changed = text.getBytes(StandardCharsets.UTF_8);
        if (!binary) {
            return changed;
        }
        byte[] ubjson = ubjson(changed);
        return ubjson == null
                ? Hostile.damaged(bytes, random)
                : random.nextInt(3) == 0 ? Hostile.damaged(ubjson, random) : ubjson;
    }

    private static boolean isCbm(byte[] file) {
        return file.length > CBM_CORE && file[0] == 'C' && file[1] == 'B' && file[2] == 'M';
    }

    /** Changes some of the numbers of 32 bits, which are offsets, counts and values, or bytes anywhere. */
    private static byte[] cbm(byte[] file, SplittableRandom random) {
        if (random.nextInt(3) == 0) {
            return Hostile.damaged(file, random);
        }
        byte[] changed = file.clone();
        ByteBuffer words = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
        for (int changes = random.nextInt(1, 4); changes > 0; changes--) {
            int at = random.nextInt(CBM_CORE / Integer.BYTES, changed.length / Integer.BYTES) * Integer.BYTES;
            int other = random.nextInt(CBM_CORE / Integer.BYTES, changed.length / Integer.BYTES) * Integer.BYTES;
            int word = words.getInt(at);
            words.putInt(
                    at,
                    switch (random.nextInt(5)) {
                        case 0 -> word + random.nextInt(-8, 9);
                        case 1 -> words.getInt(other);
                        case 2 -> other - at;
                        case 3 -> random.nextInt();
                        default -> word ^ 1 << random.nextInt(Integer.SIZE);
                    });
        }
        return changed;
    }

    private static boolean isUbjson(byte[] file) {
        return file.length > 1 && file[0] == '{' && file[1] == 'L';
    }

    /** The value of a JSON document as UBJSON; null if it is none. */
    static byte[] ubjson(byte[] json) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            return JsonReader.read(ModelBytes.of("json", MemorySegment.ofArray(json)), Limits.standard(), in -> {
                try {
                    value(in, out);
                    return bytes.toByteArray();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (TenonException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void value(DataReader in, DataOutputStream out) throws IOException {
        switch (in.kind()) {
            case OBJECT -> {
                out.writeByte('{');
                in.beginObject();
                for (String name = in.nextName(); name != null; name = in.nextName()) {
                    text(name, out);
                    value(in, out);
                }
                out.writeByte('}');
            }
            case ARRAY -> {
                out.writeByte('[');
                in.beginArray();
                while (in.nextElement()) {
                    value(in, out);
                }
                out.writeByte(']');
            }
            case TEXT -> {
                out.writeByte('S');
                text(in.text(), out);
            }
            case NUMBER -> number(in.float64(), out);
            case TRUTH -> out.writeByte(in.truth() ? 'T' : 'F');
            case NULL -> {
                in.skip();
                out.writeByte('Z');
            }
        }
    }

    private static void number(double x, DataOutputStream out) throws IOException {
        if (x == Math.rint(x) && Math.abs(x) < Integer.MAX_VALUE) {
            out.writeByte('l');
            out.writeInt((int) x);
        } else {
            out.writeByte('D');
            out.writeDouble(x);
        }
    }

    private static void text(String text, DataOutputStream out) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeByte('L');
        out.writeLong(utf8.length);
        out.write(utf8);
    }
}
