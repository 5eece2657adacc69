package dev.tenon.formats;

/**
 * What a reader accepts from a file. A model is untrusted input: each count is checked before memory is taken for it, and
 * a file that goes past one gets a {@link dev.tenon.error.ResourceLimitException} which names the limit.
 *
 * <p>The defaults are far above what published models need and far below what harms a process. Sizes that a file merely
 * claims are compared with the bytes it really has, whatever these limits say.
 *
 * @param maxModelBytes bytes of the model file or stream, without external data; a mapped file takes no memory, a copied
 *     one takes this much
 * @param maxRecords protobuf messages, strings and list entries in one file; each takes some 64 to 256 bytes of heap. The
 *     default is one for every 256 bytes of the maximum heap, at least 100,000 and at most 16,777,216
 * @param maxNodes nodes in one file, those of subgraphs and functions included
 * @param maxTensors tensors in one file, initializers and attributes together
 * @param maxNesting depth of what can hold its own kind: graphs in attributes of nodes of graphs, types in types,
 *     sequences in sequences; from 1 to {@value #MAX_NESTING}
 * @param maxRank dimensions of one tensor or shape
 * @param maxTensorElements elements of one tensor
 * @param maxTensorBytes bytes of one tensor
 * @param maxExpandedBytes bytes of one tensor that is larger than what the file holds for it: a sparse tensor made dense
 * @param maxStringBytes UTF-8 bytes of one name, documentation or metadata string; string tensors are not meant
 */
public record Limits(
        long maxModelBytes,
        long maxRecords,
        long maxNodes,
        long maxTensors,
        int maxNesting,
        int maxRank,
        long maxTensorElements,
        long maxTensorBytes,
        long maxExpandedBytes,
        long maxStringBytes) {
    /** The largest {@link #maxNesting}: readers recurse once a level, and a thread's stack must bear it. */
    public static final int MAX_NESTING = 128;

    private static final Limits DEFAULTS = new Limits(
            1L << 36,
            Math.clamp(Runtime.getRuntime().maxMemory() / 256, 100_000L, 1L << 24),
            1_000_000,
            1_000_000,
            64,
            64,
            1L << 38,
            1L << 40,
            1L << 30,
            1L << 26);

    /**
     * Checks that every limit is positive and {@code maxNesting} at most {@value #MAX_NESTING}.
     *
     * @throws IllegalArgumentException if one is not
     */
    public Limits {
        positive("maxModelBytes", maxModelBytes);
        positive("maxRecords", maxRecords);
        positive("maxNodes", maxNodes);
        positive("maxTensors", maxTensors);
        positive("maxNesting", maxNesting);
        positive("maxRank", maxRank);
        positive("maxTensorElements", maxTensorElements);
        positive("maxTensorBytes", maxTensorBytes);
        positive("maxExpandedBytes", maxExpandedBytes);
        positive("maxStringBytes", maxStringBytes);
        if (maxNesting > MAX_NESTING) {
            throw new IllegalArgumentException("maxNesting: " + maxNesting + " is above " + MAX_NESTING);
        }
    }

    private static void positive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + ": " + value + " is not positive");
        }
    }

    /**
     * The limits that hold where the user gives none: 64 GiB of model, 1,000,000 nodes and as many tensors, 64 levels, 64
     * dimensions, 2^38 elements and 1 TiB a tensor (which the file must really hold), 1 GiB for an expanded one, 64 MiB a
     * string.
     *
     * @return the defaults
     */
    public static Limits defaults() {
        return DEFAULTS;
    }

    /**
     * These limits with another {@link #maxModelBytes}.
     *
     * @param bytes the new limit, positive
     * @return the changed limits
     */
    public Limits withMaxModelBytes(long bytes) {
        return new Limits(
                bytes,
                maxRecords,
                maxNodes,
                maxTensors,
                maxNesting,
                maxRank,
                maxTensorElements,
                maxTensorBytes,
                maxExpandedBytes,
                maxStringBytes);
    }

    /**
     * These limits with another {@link #maxRecords}.
     *
     * @param records the new limit, positive
     * @return the changed limits
     */
    public Limits withMaxRecords(long records) {
        return new Limits(
                maxModelBytes,
                records,
                maxNodes,
                maxTensors,
                maxNesting,
                maxRank,
                maxTensorElements,
                maxTensorBytes,
                maxExpandedBytes,
                maxStringBytes);
    }

    /**
     * These limits with another {@link #maxNodes}.
     *
     * @param nodes the new limit, positive
     * @return the changed limits
     */
    public Limits withMaxNodes(long nodes) {
        return new Limits(
                maxModelBytes,
                maxRecords,
                nodes,
                maxTensors,
                maxNesting,
                maxRank,
                maxTensorElements,
                maxTensorBytes,
                maxExpandedBytes,
                maxStringBytes);
    }

    /**
     * These limits with another {@link #maxTensors}.
     *
     * @param tensors the new limit, positive
     * @return the changed limits
     */
    public Limits withMaxTensors(long tensors) {
        return new Limits(
                maxModelBytes,
                maxRecords,
                maxNodes,
                tensors,
                maxNesting,
                maxRank,
                maxTensorElements,
                maxTensorBytes,
                maxExpandedBytes,
                maxStringBytes);
    }

    /**
     * These limits with another {@link #maxNesting}.
     *
     * @param levels the new limit, from 1 to {@value #MAX_NESTING}
     * @return the changed limits
     */
    public Limits withMaxNesting(int levels) {
        return new Limits(
                maxModelBytes,
                maxRecords,
                maxNodes,
                maxTensors,
                levels,
                maxRank,
                maxTensorElements,
                maxTensorBytes,
                maxExpandedBytes,
                maxStringBytes);
    }

    /**
     * These limits with another {@link #maxRank}.
     *
     * @param rank the new limit, positive
     * @return the changed limits
     */
    public Limits withMaxRank(int rank) {
        return new Limits(
                maxModelBytes,
                maxRecords,
                maxNodes,
                maxTensors,
                maxNesting,
                rank,
                maxTensorElements,
                maxTensorBytes,
                maxExpandedBytes,
                maxStringBytes);
    }

    /**
     * These limits with another {@link #maxTensorElements}.
     *
     * @param elements the new limit, positive
     * @return the changed limits
     */
    public Limits withMaxTensorElements(long elements) {
        return new Limits(
                maxModelBytes,
                maxRecords,
                maxNodes,
                maxTensors,
                maxNesting,
                maxRank,
                elements,
                maxTensorBytes,
                maxExpandedBytes,
                maxStringBytes);
    }

    /**
     * These limits with another {@link #maxTensorBytes}.
     *
     * @param bytes the new limit, positive
     * @return the changed limits
     */
    public Limits withMaxTensorBytes(long bytes) {
        return new Limits(
                maxModelBytes,
                maxRecords,
                maxNodes,
                maxTensors,
                maxNesting,
                maxRank,
                maxTensorElements,
                bytes,
                maxExpandedBytes,
                maxStringBytes);
    }

    /**
     * These limits with another {@link #maxExpandedBytes}.
     *
     * @param bytes the new limit, positive
     * @return the changed limits
     */
    public Limits withMaxExpandedBytes(long bytes) {
        return new Limits(
                maxModelBytes,
                maxRecords,
                maxNodes,
                maxTensors,
                maxNesting,
                maxRank,
                maxTensorElements,
                maxTensorBytes,
                bytes,
                maxStringBytes);
    }

    /**
     * These limits with another {@link #maxStringBytes}.
     *
     * @param bytes the new limit, positive
     * @return the changed limits
     */
    public Limits withMaxStringBytes(long bytes) {
        return new Limits(
                maxModelBytes,
                maxRecords,
                maxNodes,
                maxTensors,
                maxNesting,
                maxRank,
                maxTensorElements,
                maxTensorBytes,
                maxExpandedBytes,
                bytes);
    }
}
