package dev.tenon.kernel.elementwise;

import dev.tenon.kernel.Kernel;
import java.lang.foreign.MemorySegment;

/** Several element-wise operators in one pass over memory, tile by tile: a {@link TileChain} as a kernel. */
public final class TileChainKernel implements Kernel {
    private static final long PART_PICOS = 15_000_000;
    private static final long MIN_PART = 1024;
    private static final long MAX_PART = 1 << 16;

    private final TileChain chain;
    private final long picos;
    private final long partElements;
    private final int parts;

    /**
     * A kernel.
     *
     * @param chain the loops
     * @param picos an estimate of the work for an element, picoseconds
     */
    public TileChainKernel(TileChain chain, long picos) {
        this.chain = chain;
        this.picos = Math.max(1, picos);
        long ideal = Math.clamp(PART_PICOS / this.picos, MIN_PART, MAX_PART);
        long smallest = Math.ceilDiv(chain.size(), Integer.MAX_VALUE / 2);
        this.partElements = Math.max(ideal, smallest) / MIN_PART * MIN_PART;
        this.parts = (int) Math.max(1, Math.ceilDiv(chain.size(), partElements));
    }

    @Override
    public String id() {
        return "chain" + chain.length() + (chain.granule() > 1 ? "_vector" : chain.isAssembled() ? "_x64" : "_scalar");
    }

    @Override
    public String tiling() {
        return "tile " + chain.tile();
    }

    @Override
    public int parts() {
        return parts;
    }

    @Override
    public long partNanos() {
        return Math.max(1, Math.min(partElements, chain.size()) * picos / 1000);
    }

    @Override
    public long scratchBytes() {
        return chain.scratchBytes();
    }

    @Override
    public boolean inPlace(int input, int output) {
        return chain.inPlace(input);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        chain.run(operands, scratch, from * partElements, Math.min(chain.size(), to * partElements));
    }
}
