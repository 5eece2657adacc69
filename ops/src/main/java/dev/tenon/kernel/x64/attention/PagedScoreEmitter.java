package dev.tenon.kernel.x64.attention;

import static dev.tenon.asm.VectorInstruction.VADDPS;
import static dev.tenon.asm.VectorInstruction.VBROADCASTSS;
import static dev.tenon.asm.VectorInstruction.VCVTPH2PS;
import static dev.tenon.asm.VectorInstruction.VEXTRACTF128;
import static dev.tenon.asm.VectorInstruction.VEXTRACTF64X4;
import static dev.tenon.asm.VectorInstruction.VFMADD231PS;
import static dev.tenon.asm.VectorInstruction.VMOVSD_STORE;
import static dev.tenon.asm.VectorInstruction.VMOVUPS;
import static dev.tenon.asm.VectorInstruction.VMOVUPS_STORE;
import static dev.tenon.asm.VectorInstruction.VMULPS;
import static dev.tenon.asm.VectorInstruction.VPERM2F128;
import static dev.tenon.asm.VectorInstruction.VSHUFF32X4;
import static dev.tenon.asm.VectorInstruction.VSHUFPS;
import static dev.tenon.asm.VectorInstruction.VUNPCKHPS;
import static dev.tenon.asm.VectorInstruction.VUNPCKLPS;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.Label;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.attention.PagedProblem;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.Registers;
import dev.tenon.kernel.x64.VectorEmitter;
import dev.tenon.nativecode.NativeFunction;

/**
 * Writes functions that multiply rows of queries with rows of keys in pages, of float32 or float16, and scale the products. A
 * function has a number of rows of queries, and takes as many keys at once as a vector has products of all of these. It goes through
 * blocks of {@link #BLOCK} keys, and prefetches them, since a processor does not foresee which lines of 16 rows are next.
 *
 * <p>The elements of a product are added up in the lanes of a vector, then the lanes in one order. So a product has the same bits
 * whatever the number of rows.
 */
final class PagedScoreEmitter {
    /** The keys of a block. */
    static final int BLOCK = 16;

    /** The most rows of queries of a function. */
    static final int MAX_ROWS = 4;

    /** Bytes from the scores of a row of queries to those of the next. Not a multiple of a page of memory. */
    static final int SCORES_ROW = PagedProblem.SEGMENT * Float.BYTES + 64;

    /** How many blocks before its use a block is prefetched. The list goes on so far after its end. */
    static final int BLOCKS_AHEAD = 2;

    private static final int LINE = 64;
    private static final int WIDE = 512;
    private static final int REGISTERS_256 = 16;
    private static final int KEYS_OF_A_BASE = 4;
    private static final int LOW = 0x44;
    private static final int HIGH = 0xEE;

    private final X64Assembler a;
    private final int bits;
    private final int lanes;
    private final int rows;
    private final int keys;
    private final boolean half;
    private final VectorRegister[] sums;
    private final VectorRegister[] queries;
    private final VectorRegister[] loaded;

    private final Gpr[] query;
    private final Gpr[] base;
    private final Gpr step;
    private final Gpr threeSteps;
    private final Gpr index;
    private final Gpr tile;
    private final Gpr tiles;
    private final Gpr scores;
    private final Gpr ahead;

    private PagedScoreEmitter(int bits, int rows, boolean half) {
        a = new X64Assembler(VectorEmitter.needs(bits));
        this.bits = bits;
        this.rows = rows;
        this.half = half;
        lanes = bits / Float.SIZE;
        keys = lanes / rows;
        sums = VectorRegister.range(0, lanes, bits);
        queries = VectorRegister.range(lanes, rows, bits);
        loaded = VectorRegister.range(
                lanes + rows, Math.min(4, (bits == WIDE ? 32 : REGISTERS_256) - lanes - rows), bits);
        Registers registers = new Registers();
        query = registers.take(rows);
        base = registers.take(Math.ceilDiv(keys, KEYS_OF_A_BASE));
        step = registers.take();
        threeSteps = registers.take();
        index = registers.take();
        tile = registers.take();
        tiles = registers.take();
        scores = registers.take();
        ahead = registers.take();
    }

    /**
     * A function.
     *
     * @param bits the width of vectors: 256 or 512
     * @param rows the rows of queries: 1, 2 or 4
     * @param half whether keys are float16
     */
    static NativeFunction function(int bits, int rows, boolean half) {
        String name = "paged_scores_" + (half ? "f16_" : "f32_") + rows + "_" + VectorEmitter.suffix(bits);
        return KernelCode.of(name, () -> new PagedScoreEmitter(bits, rows, half).emit());
    }

    private byte[] emit() {
        Frame.enter(a);
        for (int r = 0; r < rows; r++) {
            a.mov(query[r], PagedArgument.QUERIES[r].address());
            // The index counts up to 0.
            a.sub(query[r], PagedArgument.QUERY_BYTES.address());
        }
        a.mov(step, PagedArgument.PAGE_ROW.address());
        a.lea(threeSteps, Address.at(step, step, 2, 0));
        a.mov(scores, PagedArgument.SCORES.address());
        Label block = new Label();
        Label next = new Label();
        a.bind(block);
        a.mov(index, PagedArgument.LIST.address());
        a.mov(tile, Address.at(index, 0));
        a.mov(ahead, Address.at(index, BLOCKS_AHEAD * Long.BYTES));
        a.add(index, Long.BYTES);
        a.store(PagedArgument.LIST.address(), index);
        a.mov(tiles, BLOCK / keys);
        a.align();
        a.bind(next);
        multiply();
        addLanes();
        scaleAndStore();
        a.add(scores, keys * Float.BYTES);
        a.sub(tiles, 1);
        a.jump(Condition.NOT_EQUAL, next);
        PagedArgument.COUNT.countDown(a, index, block);
        Frame.leave(a);
        return a.toBytes();
    }

    /** Multiplies the keys of a tile, and goes on to the next tile. */
    private void multiply() {
        a.mov(index, PagedArgument.QUERY_BYTES.address());
        for (Gpr b : base) {
            a.mov(b, tile);
            a.lea(tile, Address.at(tile, step, Math.min(keys, KEYS_OF_A_BASE), 0));
        }
        for (VectorRegister sum : sums) {
            a.emit(VectorInstruction.VXORPS, sum, sum, sum);
        }
        Label turn = new Label();
        a.align();
        a.bind(turn);
        for (int r = 0; r < rows; r++) {
            a.emit(VMOVUPS, queries[r], Address.at(query[r], index, 1, 0));
        }
        for (int k = 0; k < keys; k++) {
            VectorRegister key = loaded[k % loaded.length];
            a.emit(half ? VCVTPH2PS : VMOVUPS, key, key(k));
            for (int r = 0; r < rows; r++) {
                a.emit(VFMADD231PS, sums[r * keys + k], key, queries[r]);
            }
        }
        int bytes = lanes * (half ? Short.BYTES : Float.BYTES);
        for (int at = 0; at < keys * bytes; at += LINE) {
            a.prefetch(Address.at(ahead, at));
        }
        a.add(ahead, keys * bytes);
        for (Gpr b : base) {
            a.add(b, bytes);
        }
        a.add(index, lanes * Float.BYTES);
        a.jump(Condition.NOT_EQUAL, turn);
    }

    private Address key(int k) {
        Gpr b = base[k / KEYS_OF_A_BASE];
        return switch (k % KEYS_OF_A_BASE) {
            case 0 -> Address.at(b, 0);
            case 1 -> Address.at(b, step, 1, 0);
            case 2 -> Address.at(b, step, 2, 0);
            default -> Address.at(b, threeSteps, 1, 0);
        };
    }

    /** Makes one vector of the totals of all sums, in their order. */
    private void addLanes() {
        VectorRegister low = queries[0];
        for (int i = 0; i < lanes; i += 2) {
            a.emit(VUNPCKLPS, low, sums[i], sums[i + 1]);
            a.emit(VUNPCKHPS, sums[i], sums[i], sums[i + 1]);
            a.emit(VADDPS, sums[i], sums[i], low);
        }
        for (int i = 0; i < lanes; i += 4) {
            join(VSHUFPS, i, i + 2, LOW, HIGH);
        }
        if (bits == WIDE) {
            join(VSHUFF32X4, 0, 4, LOW, HIGH);
            join(VSHUFF32X4, 8, 12, LOW, HIGH);
            join(VSHUFF32X4, 0, 8, 0x88, 0xDD);
        } else {
            join(VPERM2F128, 0, 4, 0x20, 0x31);
        }
    }

    private void join(VectorInstruction i, int first, int second, int low, int high) {
        VectorRegister t = queries[0];
        a.emit(i, t, sums[first], sums[second], low);
        a.emit(i, sums[first], sums[first], sums[second], high);
        a.emit(VADDPS, sums[first], sums[first], t);
    }

    private void scaleAndStore() {
        VectorRegister total = sums[0];
        a.emit(VBROADCASTSS, queries[0], PagedArgument.FACTOR.address());
        a.emit(VMULPS, total, total, queries[0]);
        int part = bits / rows;
        if (part >= 128) {
            a.emit(VMOVUPS_STORE, Address.at(scores, 0), total.as(part));
            for (int r = 1; r < rows; r++) {
                a.emit(part == 256 ? VEXTRACTF64X4 : VEXTRACTF128, Address.at(scores, r * SCORES_ROW), total, r);
            }
            return;
        }
        for (int r = 0; r < rows; r += 2) {
            VectorRegister pair = r == 0 ? total.as(128) : sums[1].as(128);
            if (r > 0) {
                a.emit(VEXTRACTF128, pair, total, 1);
            }
            a.emit(VMOVSD_STORE, Address.at(scores, r * SCORES_ROW), pair);
            a.emit(VSHUFPS, sums[2].as(128), pair, pair, HIGH);
            a.emit(VMOVSD_STORE, Address.at(scores, (r + 1) * SCORES_ROW), sums[2].as(128));
        }
    }
}
