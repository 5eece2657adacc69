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
import java.util.Map;
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
     * The bytes of a model as one ONNX file. External data of the same weights takes as many, but for a few names.
     *
     * @param model the model
     * @return the bytes
     */
    public static long bytes(Model model) {
        Counter counter = new Counter();
        model.save(counter, saveOptions(model));
        return counter.bytes;
    }

    /**
     * The options that write a model with its own operator set, or with the least one above it that expresses the model.
     *
     * @param model the model
     * @return the options; those of the library if the model does not tell its operator set
     */
    static SaveOptions saveOptions(Model model) {
        long own = model.metadata().operatorSets().getOrDefault("", 0L);
        for (long set = Math.max(own, OLDEST); own > 0 && set <= NEWEST; set++) {
            SaveOptions options = SaveOptions.standard().operatorSet((int) set);
            if (isEnough(model, options)) {
                return options;
            }
        }
        return SaveOptions.standard();
    }

    private static boolean isEnough(Model model, SaveOptions options) {
        try {
            model.save(OutputStream.nullOutputStream(), options);
            return true;
        } catch (UnsupportedModelException e) {
            return false;
        }
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
                return sizes.isEmpty() ? Fingerprint.ofFile(file) : Fingerprint.ofSaved(model);
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
