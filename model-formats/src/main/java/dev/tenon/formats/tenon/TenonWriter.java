package dev.tenon.formats.tenon;

import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.ModelWriter;
import dev.tenon.formats.Preparation;
import dev.tenon.formats.Preparation.PackedConstant;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.Value;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/** Writes what a session has prepared as a package. */
public final class TenonWriter implements ModelWriter {
    private static final int CHUNK = 1 << 20;

    /** The writer. */
    public TenonWriter() {}

    @Override
    public String format() {
        return "Tenon";
    }

    @Override
    public void write(ModelFile model, WritableByteChannel target, int version) throws IOException {
        if (version != 0) {
            throw new UnsupportedModelException(
                    "model '" + model.graph().name() + "'",
                    "operator set " + version + " for a package of Tenon",
                    "0: a package has the operators of the version that writes it",
                    null);
        }
        new Parts(model).write(target);
    }

    /** A package on its way to a file. */
    private static final class Parts {
        private final ModelFile model;
        private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final DataOutputStream head = new DataOutputStream(bytes);
        private final Map<Tensor, String> references = new IdentityHashMap<>();
        private final List<Tensor> constants = new ArrayList<>();
        private final List<MemorySegment> data = new ArrayList<>();
        private long dataBytes;

        private Parts(ModelFile model) {
            this.model = model;
        }

        private void write(WritableByteChannel target) throws IOException {
            head();
            byte[] written = bytes.toByteArray();
            long start = PackageLayout.aligned(PackageLayout.HEADER + (long) written.length);
            target.write(ByteBuffer.wrap(header(written, start + dataBytes)));
            target.write(ByteBuffer.wrap(written));
            pad(target, PackageLayout.HEADER + (long) written.length);
            for (MemorySegment part : data) {
                copy(part, target, null);
                pad(target, part.byteSize());
            }
        }

        private static byte[] header(byte[] head, long fileBytes) {
            byte[] header = new byte[PackageLayout.HEADER];
            CRC32C crc = new CRC32C();
            crc.update(head);
            ByteBuffer.wrap(header)
                    .putLong(0, PackageLayout.MAGIC)
                    .putInt(PackageLayout.VERSION_AT, PackageLayout.VERSION)
                    .putLong(PackageLayout.FILE_BYTES_AT, fileBytes)
                    .putLong(PackageLayout.HEAD_BYTES_AT, head.length)
                    .putInt(PackageLayout.HEAD_CHECKSUM_AT, (int) crc.getValue())
                    .putInt(PackageLayout.ORDER_AT, ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 1 : 0);
            ByteBuffer.wrap(header).putInt(PackageLayout.HEADER_CHECKSUM_AT, PackageLayout.headerChecksum(header));
            return header;
        }

        private void head() throws IOException {
            metadata(model.metadata());
            String text = GraphText.print(model.graph(), this::reference);
            head.writeInt(constants.size());
            for (Tensor t : constants) {
                text(t.type().toString());
                place(t.segment());
                head.writeInt(checksum(t.segment()));
            }
            text(text);
            Preparation preparation = model.preparation();
            head.writeBoolean(preparation != null);
            if (preparation != null) {
                preparation(preparation);
            }
        }

        private void metadata(ModelMetadata m) throws IOException {
            text(m.producer());
            text(m.producerVersion());
            text(m.domain());
            head.writeLong(m.version());
            text(m.description());
            head.writeInt(m.operatorSets().size());
            for (Map.Entry<String, Long> e : m.operatorSets().entrySet()) {
                text(e.getKey());
                head.writeLong(e.getValue());
            }
            head.writeInt(m.properties().size());
            for (Map.Entry<String, String> e : m.properties().entrySet()) {
                text(e.getKey());
                text(e.getValue());
            }
        }

        private void preparation(Preparation p) throws IOException {
            text(p.machine());
            text(p.numerics());
            head.writeInt(p.packed().size());
            for (PackedConstant c : p.packed()) {
                head.writeInt(c.node());
                head.writeInt(c.input());
                text(c.layout());
                place(c.bytes());
                head.writeInt(checksum(c.bytes()));
            }
            head.writeInt(p.shapes().size());
            for (List<TensorType> types : p.shapes()) {
                head.writeInt(types.size());
                for (TensorType t : types) {
                    text(t == null ? "" : t.toString());
                }
            }
        }

        private void place(MemorySegment part) throws IOException {
            head.writeLong(dataBytes);
            head.writeLong(part.byteSize());
            data.add(part);
            dataBytes += PackageLayout.aligned(part.byteSize());
        }

        /** Strings are written out; what holds numbers lies in the data, once for each tensor. */
        private String reference(Value v) {
            if (v.constant().dtype() == DType.STRING) {
                return null;
            }
            return references.computeIfAbsent(v.constant(), t -> {
                constants.add(t);
                return Integer.toString(constants.size() - 1);
            });
        }

        private void text(String s) throws IOException {
            byte[] utf8 = s.getBytes(StandardCharsets.UTF_8);
            head.writeInt(utf8.length);
            head.write(utf8);
        }

        private int checksum(MemorySegment part) throws IOException {
            CRC32C crc = new CRC32C();
            copy(part, null, crc);
            return (int) crc.getValue();
        }

        private void copy(MemorySegment part, WritableByteChannel target, CRC32C crc) throws IOException {
            MemorySegment buffer = MemorySegment.ofBuffer(chunk.clear());
            for (long at = 0; at < part.byteSize(); at += CHUNK) {
                int length = (int) Math.min(CHUNK, part.byteSize() - at);
                MemorySegment.copy(part, at, buffer, 0, length);
                chunk.clear().limit(length);
                if (crc != null) {
                    crc.update(chunk);
                }
                while (target != null && chunk.hasRemaining()) {
                    target.write(chunk);
                }
            }
        }

        private static void pad(WritableByteChannel target, long written) throws IOException {
            target.write(ByteBuffer.allocate((int) (PackageLayout.aligned(written) - written)));
        }
    }
}
