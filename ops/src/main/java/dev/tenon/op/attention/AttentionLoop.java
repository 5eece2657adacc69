package dev.tenon.op.attention;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.op.Operands;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The reference of {@link Attention}, one query after the other. Confined to one thread. */
final class AttentionLoop {
    private final Attention op;
    private final Operands in;
    private final Heads q;
    private final Heads k;
    private final Heads v;
    private final double scale;
    private final long past;
    private final double[] scores;
    private final double[] bias;

    AttentionLoop(Attention op, Operands in) {
        this.op = op;
        this.in = in;
        q = Heads.of(in.tensor(0), op.queryHeads());
        Heads keys = Heads.of(in.tensor(1), op.keyHeads());
        Heads values = Heads.of(in.tensor(2), op.keyHeads());
        past = in.has(Attention.PAST_KEY) ? in.tensor(Attention.PAST_KEY).dim(2) : 0;
        k = present(in.tensorOrNull(Attention.PAST_KEY), keys);
        v = present(in.tensorOrNull(Attention.PAST_VALUE), values);
        scale = op.scale() == null ? 1 / Math.sqrt(q.size()) : op.scale();
        long keyCount = q.batch() * q.heads() * q.length() == 0 ? 0 : k.length();
        if (keyCount > Integer.MAX_VALUE - 8) {
            throw new ResourceLimitException("Attention", keyCount + " keys", "2147483639", null);
        }
        scores = new double[(int) keyCount];
        bias = new double[(int) keyCount];
    }

    /** Keys or values by heads, beginning with the past. */
    private static Heads present(Tensor past, Heads added) {
        if (past == null && !added.packed()) {
            return added;
        }
        long before = past == null ? 0 : past.dim(2);
        long length = before + added.length();
        Tensor all = Tensor.allocate(added.data().dtype(), added.batch(), added.heads(), length, added.size());
        Heads to = Heads.of(all, null);
        for (long b = 0; b < added.batch(); b++) {
            for (long h = 0; h < added.heads(); h++) {
                for (long p = 0; p < length; p++) {
                    Tensor source = p < before ? past : added.data();
                    long from = p < before
                            ? ((b * added.heads() + h) * before + p) * added.size()
                            : added.at(b, h, p - before);
                    for (long i = 0; i < added.size(); i++) {
                        source.copyElementTo(from + i, all, to.at(b, h, p) + i);
                    }
                }
            }
        }
        return to;
    }

    List<Datum> run() {
        DType type = q.data().dtype();
        Tensor y = q.packed()
                ? Tensor.allocate(type, q.batch(), q.length(), q.heads() * v.size())
                : Tensor.allocate(type, q.batch(), q.heads(), q.length(), v.size());
        Heads out = Heads.of(y, q.heads());
        Tensor shown = in.outputs() > 3 ? Tensor.allocate(type, q.batch(), q.heads(), q.length(), k.length()) : null;
        long group = Math.max(1, q.heads() / Math.max(1, k.heads()));
        for (long b = 0; b < q.batch(); b++) {
            for (long h = 0; h < q.heads(); h++) {
                for (long i = 0; i < q.length(); i++) {
                    long row = ((b * q.heads() + h) * q.length() + i) * k.length();
                    query(b, h, h / group, i, shown, row);
                    mix(b, h / group, out, out.at(b, h, i));
                }
            }
        }
        List<Datum> results = new ArrayList<>();
        results.add(y);
        results.add(k.data());
        results.add(v.data());
        if (shown != null) {
            results.add(shown);
        }
        return results.subList(0, in.outputs());
    }

    /** Fills the probabilities of one query. */
    private void query(long b, long head, long keyHead, long i, Tensor shown, long row) {
        Operands.work(scores.length);
        long from = q.at(b, head, i);
        for (int j = 0; j < scores.length; j++) {
            long key = k.at(b, keyHead, j);
            double sum = 0;
            for (long d = 0; d < q.size(); d++) {
                sum += q.data().getDouble(from + d) * k.data().getDouble(key + d);
            }
            scores[j] = sum * scale;
        }
        show(shown, row, 0);
        if (op.softcap() > 0) {
            for (int j = 0; j < scores.length; j++) {
                scores[j] = op.softcap() * Math.tanh(scores[j] / op.softcap());
            }
        }
        show(shown, row, 1);
        long position = i + offset(b);
        for (int j = 0; j < scores.length; j++) {
            bias[j] = visible(b, j, position) ? mask(b, head, i, j) : Double.NEGATIVE_INFINITY;
            scores[j] += bias[j];
        }
        show(shown, row, 2);
        softmax();
        show(shown, row, 3);
    }

    private void show(Tensor shown, long row, int mode) {
        if (shown == null || mode != op.scores()) {
            return;
        }
        for (int j = 0; j < scores.length; j++) {
            shown.setDouble(row + j, scores[j]);
        }
    }

    /** The position of the first query. */
    private long offset(long b) {
        return in.has(Attention.VALID) ? in.tensor(Attention.VALID).getLong(b) - q.length() : past;
    }

    private boolean visible(long b, long key, long position) {
        if (op.causal() && key > position
                || op.leftWindow() >= 0 && key < position - op.leftWindow()
                || op.rightWindow() >= 0 && key > position + op.rightWindow()) {
            return false;
        }
        return !in.has(Attention.VALID) || key < in.tensor(Attention.VALID).getLong(b);
    }

    private double mask(long b, long head, long query, long key) {
        if (!in.has(Attention.MASK)) {
            return 0;
        }
        Tensor mask = in.tensor(Attention.MASK);
        int r = mask.rank();
        if (key >= mask.dim(r - 1)) {
            return Double.NEGATIVE_INFINITY;
        }
        long[] index = {b, head, query, key};
        long at = 0;
        for (int d = 0; d < r; d++) {
            at = at * mask.dim(d) + (mask.dim(d) == 1 ? 0 : index[4 - r + d]);
        }
        if (mask.dtype() == DType.BOOL) {
            return mask.getBoolean(at) ? 0 : Double.NEGATIVE_INFINITY;
        }
        return mask.dtype().isFloating() ? mask.getDouble(at) : mask.getLong(at);
    }

    private void softmax() {
        double max = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < scores.length; j++) {
            max = bias[j] == Double.NEGATIVE_INFINITY ? max : Math.max(max, scores[j]);
        }
        double sum = 0;
        for (int j = 0; j < scores.length; j++) {
            boolean out = bias[j] == Double.NEGATIVE_INFINITY || max == Double.NEGATIVE_INFINITY;
            scores[j] = out ? 0 : Math.exp(scores[j] - max);
            sum += scores[j];
        }
        for (int j = 0; j < scores.length; j++) {
            scores[j] = sum == 0 ? 0 : scores[j] / sum;
        }
    }

    private void mix(long b, long keyHead, Heads out, long to) {
        for (long d = 0; d < v.size(); d++) {
            double sum = 0;
            for (int j = 0; j < scores.length; j++) {
                if (bias[j] != Double.NEGATIVE_INFINITY) {
                    sum += scores[j] * v.data().getDouble(v.at(b, keyHead, j) + d);
                }
            }
            out.data().setDouble(to + d, sum);
        }
    }
}
