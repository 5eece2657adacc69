package dev.tenon.kernel.x64.tabular;

import static dev.tenon.asm.Gpr.R10;
import static dev.tenon.asm.Gpr.R11;
import static dev.tenon.asm.Gpr.R12;
import static dev.tenon.asm.Gpr.R13;
import static dev.tenon.asm.Gpr.R14;
import static dev.tenon.asm.Gpr.R15;
import static dev.tenon.asm.Gpr.R8;
import static dev.tenon.asm.Gpr.R9;
import static dev.tenon.asm.Gpr.RAX;
import static dev.tenon.asm.Gpr.RBX;
import static dev.tenon.asm.Gpr.RCX;
import static dev.tenon.asm.Gpr.RDX;
import static dev.tenon.asm.Gpr.RSI;
import static dev.tenon.kernel.tabular.TreeRecords.WALKS;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.Label;
import dev.tenon.asm.ScalarInstruction;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.tabular.TreeRecords;
import dev.tenon.kernel.tabular.TreeWeights;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.nativecode.NativeFunction;
import java.util.Set;

/**
 * Writes the functions that walk through the trees of {@link TreeRecords}: eight rows through each tree, or one row through
 * groups of eight trees. A step has no branch. It compares the threshold of a record with a key, and adds the carry of the
 * comparison to the distance of the children.
 *
 * <p>Each tree adds its weights to the sums before the next one does, so that sums have the same bits whichever function runs.
 */
final class WalkEmitter {
    private static final Gpr KEYS = RSI;
    private static final Gpr TREE = RBX;
    private static final Gpr COUNT = RAX;
    private static final Gpr COLUMN = RCX;
    private static final Gpr DISTANCE = RDX;
    private static final Gpr[] WALK = {R8, R9, R10, R11, R12, R13, R14, R15};

    private final X64Assembler a = new X64Assembler(Set.of(InstructionSet.AVX2));
    private final boolean wide;
    private final TreeWeights weights;
    private final boolean oneRow;

    private WalkEmitter(TreeRecords records, boolean oneRow) {
        this.wide = records.isWide();
        this.weights = records.weights();
        this.oneRow = oneRow;
    }

    /**
     * The function for a forest. Its argument is the address of a block of {@link WalkArgument}s.
     *
     * @param records the forest
     * @param oneRow whether it walks one row, rather than eight rows at a time
     * @return the function
     */
    static NativeFunction of(TreeRecords records, boolean oneRow) {
        String id = "trees_" + (oneRow ? "row" : "rows") + (records.isWide() ? "_wide" : "_narrow")
                + (records.weights().doubles() ? "_f64" : "_f32")
                + (records.weights().areInLeaves() ? "_leaves" : "_table");
        return KernelCode.of(id, () -> new WalkEmitter(records, oneRow).emit());
    }

    private byte[] emit() {
        Frame.enter(a);
        a.mov(TREE, WalkArgument.TREES.address());
        Label tree = new Label();
        a.align();
        a.bind(tree);
        if (oneRow) {
            a.mov(KEYS, WalkArgument.KEYS.address());
            walk();
            addTrees();
        } else {
            rows();
        }
        a.add(TREE, oneRow ? TreeRecords.GROUP_BYTES : TreeRecords.TREE_BYTES);
        WalkArgument.COUNT.countDown(a, COUNT, tree);
        Frame.leave(a);
        return a.toBytes();
    }

    /** All rows through one tree. */
    private void rows() {
        Label eight = new Label();
        WalkArgument.ROWS.copyTo(a, COUNT, WalkArgument.ROWS_LEFT);
        a.mov(KEYS, WalkArgument.KEYS.address());
        WalkArgument.SUMS.copyTo(a, COLUMN, WalkArgument.SUMS_AT);
        a.bind(eight);
        walk();
        addRows();
        a.add(KEYS, WalkArgument.KEY_STEP.address());
        WalkArgument.SUMS_AT.advance(a, COLUMN, WalkArgument.SUM_STEP.address());
        WalkArgument.ROWS_LEFT.countDown(a, COUNT, eight);
    }

    /** Eight walks from roots to leaves. */
    private void walk() {
        for (int i = 0; i < (oneRow ? WALKS : 1); i++) {
            a.mov32(WALK[i], Address.at(TREE, i * Integer.BYTES));
            a.shl(WALK[i], wide ? 4 : 3);
            a.add(WALK[i], WalkArgument.RECORDS.address());
        }
        for (int i = 1; i < WALKS && !oneRow; i++) {
            a.mov(WALK[i], WALK[0]);
        }
        Label sure = new Label();
        Label check = new Label();
        Label checked = new Label();
        Label done = new Label();
        a.mov32(COUNT, Address.at(TREE, oneRow ? TreeRecords.GROUP_STEPS : TreeRecords.TREE_STEPS));
        a.test(COUNT);
        a.jump(Condition.EQUAL, check);
        a.align();
        a.bind(sure);
        for (int i = 0; i < WALKS; i++) {
            step(i, false);
        }
        a.sub(COUNT, 1);
        a.jump(Condition.NOT_EQUAL, sure);
        a.bind(check);
        a.mov32(COUNT, Address.at(TREE, oneRow ? TreeRecords.GROUP_CHECKS : TreeRecords.TREE_CHECKS));
        a.test(COUNT);
        a.jump(Condition.EQUAL, done);
        a.align();
        a.bind(checked);
        a.emit(ScalarInstruction.XOR_32, COUNT, COUNT);
        for (int i = 0; i < WALKS; i++) {
            step(i, true);
        }
        a.test(COUNT);
        a.jump(Condition.NOT_EQUAL, checked);
        a.bind(done);
    }

    /** A step of one walk; perhaps it marks COUNT unless the walk is at a leaf. */
    private void step(int i, boolean mark) {
        Gpr at = WALK[i];
        int row = oneRow ? 0 : i;
        if (wide) {
            a.mov32(COLUMN, Address.at(at, Long.BYTES));
            a.mov(COLUMN, Address.at(KEYS, COLUMN, Long.BYTES, row * Long.BYTES));
            a.emit(ScalarInstruction.MOVSX_INT, DISTANCE, Address.at(at, Long.BYTES + Integer.BYTES));
        } else {
            a.emit(ScalarInstruction.MOVZX_WORD, COLUMN, Address.at(at, Integer.BYTES));
            a.mov32(COLUMN, Address.at(KEYS, COLUMN, Integer.BYTES, row * Integer.BYTES));
            a.emit(ScalarInstruction.MOVSX_WORD, DISTANCE, Address.at(at, Integer.BYTES + Short.BYTES));
        }
        if (mark) {
            a.emit(ScalarInstruction.OR_32, COUNT, DISTANCE);
        }
        a.emit(wide ? ScalarInstruction.CMP_MEMORY : ScalarInstruction.CMP_MEMORY_32, COLUMN, Address.at(at, 0));
        a.adc(DISTANCE, 0);
        if (wide) {
            a.shl(DISTANCE, 4);
            a.add(at, DISTANCE);
        } else {
            a.lea(at, Address.at(at, DISTANCE, Long.BYTES, 0));
        }
    }

    /** Adds the weights of a tree to the sums of eight rows. */
    private void addRows() {
        if (weights.areInLeaves()) {
            a.mov(COLUMN, WalkArgument.SUMS_AT.address());
            a.mov32(DISTANCE, Address.at(TREE, TreeRecords.TREE_SUMS));
            a.add(COLUMN, DISTANCE);
            for (int i = 0; i < WALKS; i++) {
                addNumber(i, Address.at(COLUMN, i * weights.sumBytes()));
            }
            return;
        }
        a.store(WalkArgument.KEYS_AT.address(), KEYS);
        a.mov(KEYS, WalkArgument.SUMS_AT.address());
        for (int i = 0; i < WALKS; i++) {
            addTableRow(i);
            a.add(KEYS, WalkArgument.WEIGHT_BYTES.address());
        }
        a.mov(KEYS, WalkArgument.KEYS_AT.address());
    }

    /** Adds the weights of eight trees to the sums of one row, tree by tree. */
    private void addTrees() {
        if (weights.areInLeaves()) {
            a.mov(COLUMN, WalkArgument.SUMS.address());
            for (int i = 0; i < WALKS; i++) {
                a.mov32(DISTANCE, Address.at(TREE, TreeRecords.GROUP_SUMS + i * Integer.BYTES));
                addNumber(i, Address.at(COLUMN, DISTANCE, 1, 0));
            }
            return;
        }
        a.mov(KEYS, WalkArgument.SUMS.address());
        for (int i = 0; i < WALKS; i++) {
            addTableRow(i);
        }
    }

    private void addNumber(int i, Address sum) {
        VectorRegister x = VectorRegister.xmm(i);
        boolean doubles = weights.doubles();
        a.emit(doubles ? VectorInstruction.VMOVSD : VectorInstruction.VMOVSS, x, Address.at(WALK[i], 0));
        a.emit(doubles ? VectorInstruction.VADDSD : VectorInstruction.VADDSS, x, x, sum);
        a.emit(doubles ? VectorInstruction.VMOVSD_STORE : VectorInstruction.VMOVSS_STORE, sum, x);
    }

    /** Adds a row of the table to the sums at KEYS. */
    private void addTableRow(int i) {
        Label vector = new Label();
        VectorRegister x = VectorRegister.ymm(i);
        a.mov32(COLUMN, Address.at(WALK[i], 0));
        a.add(COLUMN, WalkArgument.WEIGHTS.address());
        a.emit(ScalarInstruction.XOR_32, DISTANCE, DISTANCE);
        a.bind(vector);
        a.emit(VectorInstruction.VMOVUPS, x, Address.at(COLUMN, DISTANCE, 1, 0));
        a.emit(
                weights.doubles() ? VectorInstruction.VADDPD : VectorInstruction.VADDPS,
                x,
                x,
                Address.at(KEYS, DISTANCE, 1, 0));
        a.emit(VectorInstruction.VMOVUPS_STORE, Address.at(KEYS, DISTANCE, 1, 0), x);
        a.add(DISTANCE, TreeWeights.VECTOR_BYTES);
        a.cmp(DISTANCE, WalkArgument.WEIGHT_BYTES.address());
        a.jump(Condition.LESS, vector);
    }
}
