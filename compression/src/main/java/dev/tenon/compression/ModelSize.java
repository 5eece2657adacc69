package dev.tenon.compression;

import dev.tenon.Model;
import dev.tenon.SaveOptions;
import dev.tenon.formats.ExternalData;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;

/** How large a model is. */
public final class ModelSize {
    /** The operator sets that are tried. */
    private static final int OLDEST = 7;

    private static final int NEWEST = 28;

    private ModelSize() {}

    /** Counts bytes and drops them. */
    private static final class Counter extends OutputStream {
        private long bytes;

        @Override
        public void write(int b) {
            bytes++;
        }

        @Override
        public void write(byte[] b, int from, int length) {
            bytes += length;
        }
    }

    /**
     * The file that a model becomes when it is saved.
     *
     * @param options the options that write the model with its own operator set, or with the least one above it that expresses the
     *     model; those of the library if the model does not tell its operator set
     * @param bytes the bytes of the file
     * @param hash the SHA-256 of the file, as {@code sha256sum} has it
     */
    record Saved(SaveOptions options, long bytes, String hash) {
        /** A model does not change, and writing a large one takes long: each is written once to know its file. */
        private static final Map<Model, Saved> KNOWN = Collections.synchronizedMap(new WeakHashMap<>());

        static Saved of(Model model) {
            Saved known = KNOWN.get(model);
            if (known == null) {
                known = written(model);
                KNOWN.put(model, known);
            }
            return known;
        }

        private static Saved written(Model model) {
            long own = model.metadata().operatorSets().getOrDefault("", 0L);
            for (long set = Math.max(own, OLDEST); own > 0 && set <= NEWEST; set++) {
                try {
                    return written(model, SaveOptions.standard().operatorSet((int) set));
                } catch (UnsupportedModelException e) {
                    // The next operator set may express it.
                }
            }
            return written(model, SaveOptions.standard());
        }

        private static Saved written(Model model, SaveOptions options) {
            Counter counter = new Counter();
            Fingerprint hash = new Fingerprint();
            model.save(hash.of(counter), options);
            return new Saved(options, counter.bytes, hash.hex());
        }
    }

    /**
     * The bytes of a model as one ONNX file. External data of the same weights takes as many, but for a few names.
     *
     * @param model the model
     * @return the bytes
     */
    public static long bytes(Model model) {
        return Saved.of(model).bytes();
    }

    /**
     * The number of stored elements of all weights, those of bodies included.
     *
     * @param graph the graph
     * @return the number
     */
    public static long parameters(Graph graph) {
        long count = 0;
        for (Value constant : graph.constants()) {
            count += constant.constant().size();
        }
        for (Node node : graph.nodes()) {
            if (node.op() instanceof GraphOp control) {
                for (Graph body : control.bodies()) {
                    count += parameters(body);
                }
            }
        }
        return count;
    }

    /** Counts the bytes of a model's file and of the files beside it that hold its tensors. */
    static final class OfFiles implements ExternalData {
        private final Path file;
        private final ExternalData folder;
        private final Map<Long, Long> sizes = new ConcurrentHashMap<>();

        OfFiles(Path file) {
            this.file = file;
            this.folder = ExternalData.inFolder(file.toAbsolutePath().getParent());
        }

        @Override
        public MemorySegment open(String location) {
            MemorySegment segment = folder.open(location);
            sizes.put(segment.address(), segment.byteSize());
            return segment;
        }

        /** The hash of the file; of the model if the file has its tensors elsewhere. */
        String hash(Model model) {
            try {
                return sizes.isEmpty()
                        ? Fingerprint.ofFile(file)
                        : Saved.of(model).hash();
            } catch (IOException e) {
                throw new ModelFileException(file.toString(), e.toString(), "a file that can be read", null, e);
            }
        }

        /** The bytes of all files that were read. */
        long sum() {
            try {
                return Files.size(file)
                        + sizes.values().stream().mapToLong(Long::longValue).sum();
            } catch (IOException e) {
                throw new ModelFileException(file.toString(), e.toString(), "a file that can be read", null, e);
            }
        }
    }
}
