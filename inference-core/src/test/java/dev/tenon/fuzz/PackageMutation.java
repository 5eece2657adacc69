package dev.tenon.fuzz;

import dev.tenon.testkit.fuzz.Hostile;
import dev.tenon.testkit.fuzz.Mutation;
import dev.tenon.testkit.fuzz.Words;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/**
 * Changes packages: the numbers and texts of the manifest, the text of the graph, the data, the lengths. Most results
 * have the right checksums, as the author of a harmful file would see to.
 */
final class PackageMutation implements Mutation {
    private static final int HEADER = 64;
    private static final int CHECKSUM_AT = 12;
    private static final int FILE_BYTES_AT = 16;
    private static final int MANIFEST_BYTES_AT = 24;
    private static final int MANIFEST_CHECKSUM_AT = 32;
    private static final int ALIGNMENT = 64;
    private static final int MOST_CHANGES = 3;

    /** A number of 1, 4 or 8 bytes, or a text with its length before it. */
    private record Item(int size, long number, String text) {
        private boolean isText() {
            return text != null;
        }
    }

    /** Reads the items of a manifest in the order of the format. */
    private static final class Items {
        private final ByteBuffer in;
        private final List<Item> items = new ArrayList<>();
        /** The items that are checksums of data: their offsets, lengths and own indices. */
        private final List<int[]> parts = new ArrayList<>();

        private Items(byte[] manifest) {
            in = ByteBuffer.wrap(manifest);
            text();
            text();
            text();
            number(Long.BYTES);
            text();
            pairs(false);
            pairs(true);
            for (long i = number(Integer.BYTES); i > 0; i--) {
                text();
                part();
            }
            text();
            if (number(1) != 0) {
                text();
                text();
                for (long i = number(Integer.BYTES); i > 0; i--) {
                    number(Integer.BYTES);
                    number(Integer.BYTES);
                    text();
                    part();
                }
                for (long i = number(Integer.BYTES); i > 0; i--) {
                    for (long k = number(Integer.BYTES); k > 0; k--) {
                        text();
                    }
                }
            }
        }

        private void pairs(boolean texts) {
            for (long i = number(Integer.BYTES); i > 0; i--) {
                text();
                if (texts) {
                    text();
                } else {
                    number(Long.BYTES);
                }
            }
        }

        private void part() {
            int first = items.size();
            number(Long.BYTES);
            number(Long.BYTES);
            number(Integer.BYTES);
            parts.add(new int[] {first, first + 1, first + 2});
        }

        private long number(int size) {
            long n = size == 1 ? in.get() : size == Integer.BYTES ? in.getInt() : in.getLong();
            items.add(new Item(size, n, null));
            return n;
        }

        private void text() {
            int length = in.getInt();
            if (length < 0 || length > in.remaining()) {
                throw new BufferUnderflowException();
            }
            byte[] utf8 = new byte[length];
            in.get(utf8);
            items.add(new Item(0, 0, new String(utf8, StandardCharsets.UTF_8)));
        }

        private byte[] bytes() {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (DataOutputStream out = new DataOutputStream(bytes)) {
                for (Item item : items) {
                    if (item.isText()) {
                        byte[] utf8 = item.text.getBytes(StandardCharsets.UTF_8);
                        out.writeInt(utf8.length);
                        out.write(utf8);
                    } else if (item.size == 1) {
                        out.writeByte((int) item.number);
                    } else if (item.size == Integer.BYTES) {
                        out.writeInt((int) item.number);
                    } else {
                        out.writeLong(item.number);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.toByteArray();
        }
    }

    @Override
    public byte[] apply(byte[] file, byte[] other, SplittableRandom random) {
        if (random.nextInt(20) == 0) {
            return Hostile.bytes(file, random);
        }
        Items items = items(file);
        Items others = items(other);
        if (items == null || others == null) {
            return Hostile.bytes(file, random);
        }
        int length = (int) ByteBuffer.wrap(file).getLong(MANIFEST_BYTES_AT);
        byte[] data = Arrays.copyOfRange(file, aligned(HEADER + length), file.length);
        for (int i = random.nextInt(1, MOST_CHANGES + 1); i > 0; i--) {
            switch (random.nextInt(8)) {
                case 0 -> data = Hostile.bytes(data, random);
                case 1 -> remove(items, random);
                case 2 -> text(items, others, random, false);
                case 3, 4, 5 -> text(items, others, random, true);
                default -> number(items, random);
            }
        }
        if (random.nextInt(8) > 0) {
            repair(items, data);
        }
        byte[] changed = sealed(file, items.bytes(), data);
        return random.nextInt(30) == 0 ? Hostile.bytes(changed, random) : changed;
    }

    /** The items of a file; null if its manifest is none any more. */
    private static Items items(byte[] file) {
        try {
            long length = ByteBuffer.wrap(file).getLong(MANIFEST_BYTES_AT);
            if (length < 0 || length > file.length || aligned(HEADER + (int) length) > file.length) {
                return null;
            }
            return new Items(Arrays.copyOfRange(file, HEADER, HEADER + (int) length));
        } catch (BufferUnderflowException | IndexOutOfBoundsException | NegativeArraySizeException e) {
            return null;
        }
    }

    private static int aligned(int bytes) {
        return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
    }

    private static void remove(Items items, SplittableRandom random) {
        int at = random.nextInt(items.items.size());
        if (random.nextBoolean()) {
            items.items.remove(at);
        } else {
            items.items.add(at, items.items.get(random.nextInt(items.items.size())));
        }
        items.parts.clear();
    }

    private static void number(Items items, SplittableRandom random) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < items.items.size(); i++) {
            if (!items.items.get(i).isText()) {
                numbers.add(i);
            }
        }
        if (!numbers.isEmpty()) {
            int at = numbers.get(random.nextInt(numbers.size()));
            Item before = items.items.get(at);
            items.items.set(at, new Item(before.size, Hostile.number(before.number, random), null));
        }
    }

    /** Changes a text: the longest one, which is that of the graph, or any. */
    private static void text(Items items, Items others, SplittableRandom random, boolean graph) {
        int at = graph ? longest(items) : random.nextInt(items.items.size());
        if (at >= 0 && items.items.get(at).isText()) {
            int from = longest(others);
            String other = from < 0 ? "" : others.items.get(from).text;
            items.items.set(at, new Item(0, 0, Words.changed(items.items.get(at).text, other, random)));
        }
    }

    private static int longest(Items items) {
        int longest = -1;
        for (int i = 0; i < items.items.size(); i++) {
            Item item = items.items.get(i);
            if (item.isText()
                    && (longest < 0
                            || item.text.length()
                                    > items.items.get(longest).text.length())) {
                longest = i;
            }
        }
        return longest;
    }

    /** Corrects the checksums of the parts that are there. */
    private static void repair(Items items, byte[] data) {
        for (int[] part : items.parts) {
            long offset = items.items.get(part[0]).number;
            long length = items.items.get(part[1]).number;
            if (offset >= 0 && length >= 0 && offset <= data.length && length <= data.length - offset) {
                CRC32C crc = new CRC32C();
                crc.update(data, (int) offset, (int) length);
                items.items.set(part[2], new Item(Integer.BYTES, (int) crc.getValue(), null));
            }
        }
    }

    /** A file of another manifest and other data, with right lengths and checksums. */
    private static byte[] sealed(byte[] before, byte[] manifest, byte[] data) {
        int start = aligned(HEADER + manifest.length);
        byte[] file = Arrays.copyOf(before, HEADER);
        file = Arrays.copyOf(file, start + data.length);
        System.arraycopy(manifest, 0, file, HEADER, manifest.length);
        System.arraycopy(data, 0, file, start, data.length);
        ByteBuffer b = ByteBuffer.wrap(file);
        b.putLong(FILE_BYTES_AT, file.length);
        b.putLong(MANIFEST_BYTES_AT, manifest.length);
        CRC32C crc = new CRC32C();
        crc.update(manifest);
        b.putInt(MANIFEST_CHECKSUM_AT, (int) crc.getValue());
        CRC32C header = new CRC32C();
        header.update(file, 0, CHECKSUM_AT);
        header.update(file, CHECKSUM_AT + Integer.BYTES, HEADER - CHECKSUM_AT - Integer.BYTES);
        b.putInt(CHECKSUM_AT, (int) header.getValue());
        return file;
    }
}
