package dev.tenon.differential;

import dev.tenon.formats.onnx.data.ElementTypes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Operators that the peer does not have, computed as the standard describes them. */
final class NewestDefinitions {
    private NewestDefinitions() {}

    static void add(Map<String, StandardDefinitions.Computation> all) {
        all.put("SwiGLU", s -> List.of(gate(s)));
        all.put("CausalConvWithState", NewestDefinitions::causal);
        all.put("LinearAttention", NewestDefinitions::attention);
        all.put("TensorScatter", s -> List.of(scatter(s)));
        all.put("BitCast", s -> List.of(bits(s)));
        all.put("com.microsoft.DynamicTimeWarping", s -> List.of(path(s.operand(0))));
    }

    private static double logistic(double x) {
        return 1 / (1 + StrictMath.exp(-x));
    }

    private static Tensor gate(OperatorModel s) {
        Tensor a = s.operand(0);
        double alpha = s.attribute("alpha") instanceof Float f ? f : 1;
        Tensor y = Tensor.allocate(a.dtype(), a.dims());
        for (long i = 0; i < y.size(); i++) {
            double x = a.getDouble(i);
            y.setDouble(i, x * logistic(alpha * x) * s.operand(1).getDouble(i));
        }
        return y;
    }

    private static List<Tensor> causal(OperatorModel s) {
        Tensor x = s.operand(0);
        Tensor w = s.operand(1);
        Tensor bias = s.operand(2);
        Tensor past = s.operand(3);
        int k = (int) w.dim(2);
        int n = (int) x.dim(2);
        Tensor y = Tensor.allocate(x.dtype(), x.dims());
        Tensor present = Tensor.allocate(x.dtype(), x.dim(0), x.dim(1), k - 1);
        for (long line = 0; line < x.dim(0) * x.dim(1); line++) {
            long channel = line % x.dim(1);
            double[] joined = new double[k - 1 + n];
            for (int i = 0; i < joined.length; i++) {
                joined[i] = i >= k - 1
                        ? x.getDouble(line * n + i - k + 1)
                        : past == null ? 0 : past.getDouble(line * (k - 1) + i);
            }
            for (int t = 0; t < n; t++) {
                double sum = bias == null ? 0 : bias.getDouble(channel);
                for (int j = 0; j < k; j++) {
                    sum += joined[t + j] * w.getDouble(channel * k + j);
                }
                boolean active = s.attribute("activation") instanceof String a && !a.equals("none");
                y.setDouble(line * n + t, active ? sum * logistic(sum) : sum);
            }
            for (int i = 0; i < k - 1; i++) {
                present.setDouble(line * (k - 1) + i, joined[n + i]);
            }
        }
        return List.of(y, present).subList(0, s.outputCount());
    }

    private static List<Tensor> attention(OperatorModel s) {
        Tensor q = s.operand(0);
        Tensor k = s.operand(1);
        Tensor v = s.operand(2);
        Tensor past = s.operand(3);
        Tensor decay = s.operand(4);
        Tensor beta = s.operand(5);
        int heads = (int) (long) s.attribute("kv_num_heads");
        int queries = (int) (long) s.attribute("q_num_heads");
        int dk = (int) k.dim(2) / heads;
        int dv = (int) v.dim(2) / heads;
        int length = (int) q.dim(1);
        double scale = s.attribute("scale") instanceof Float f && f != 0 ? f : 1 / StrictMath.sqrt(dk);
        Tensor y = Tensor.allocate(q.dtype(), q.dim(0), length, (long) queries * dv);
        Tensor present = Tensor.allocate(q.dtype(), q.dim(0), heads, dk, dv);
        for (int b = 0; b < q.dim(0); b++) {
            for (int h = 0; h < queries; h++) {
                int kv = h / (queries / heads);
                double[][] state = new double[dk][dv];
                for (int i = 0; i < dk * dv && past != null; i++) {
                    state[i / dv][i % dv] = past.getDouble(((long) b * heads + kv) * dk * dv + i);
                }
                for (int t = 0; t < length; t++) {
                    long at = (long) b * length + t;
                    double[] predicted = new double[dv];
                    for (int i = 0; i < dk; i++) {
                        double g = decay == null
                                ? 1
                                : StrictMath.exp(decay.getDouble(
                                        at * decay.dim(2) + (decay.dim(2) == heads ? kv : kv * dk + i)));
                        for (int j = 0; j < dv; j++) {
                            state[i][j] *= g;
                            predicted[j] += state[i][j] * k.getDouble((at * heads + kv) * dk + i);
                        }
                    }
                    for (int j = 0; j < dv; j++) {
                        double value = v.getDouble((at * heads + kv) * dv + j);
                        double rate = beta == null ? 1 : beta.getDouble(at * beta.dim(2) + (beta.dim(2) == 1 ? 0 : kv));
                        double change = beta == null ? value : rate * (value - predicted[j]);
                        double sum = 0;
                        for (int i = 0; i < dk; i++) {
                            state[i][j] += k.getDouble((at * heads + kv) * dk + i) * change;
                            sum += state[i][j] * q.getDouble((at * queries + h) * dk + i);
                        }
                        y.setDouble((at * queries + h) * dv + j, scale * sum);
                    }
                }
                for (int i = 0; i < dk * dv; i++) {
                    present.setDouble(((long) b * heads + kv) * dk * dv + i, state[i / dv][i % dv]);
                }
            }
        }
        return List.of(y, present).subList(0, s.outputCount());
    }

    private static Tensor scatter(OperatorModel s) {
        Tensor cache = s.operand(0);
        Tensor update = s.operand(1);
        Tensor from = s.operand(2);
        int axis = (int) Math.floorMod(s.attribute("axis") instanceof Long a ? a : -2L, (long) cache.rank());
        long inner = 1;
        for (int i = axis + 1; i < cache.rank(); i++) {
            inner *= cache.dim(i);
        }
        Tensor y = Tensor.allocate(cache.dtype(), cache.dims());
        for (long i = 0; i < y.size(); i++) {
            cache.copyElementTo(i, y, i);
        }
        long n = cache.dim(axis);
        long m = update.dim(axis);
        for (long i = 0; i < update.size(); i++) {
            long outer = i / inner / m;
            long sample = i / (update.size() / update.dim(0));
            long place = (i / inner % m + (from == null ? 0 : from.getLong(sample))) % n;
            update.copyElementTo(i, y, (outer * n + place) * inner + i % inner);
        }
        return y;
    }

    private static Tensor bits(OperatorModel s) {
        Tensor x = s.operand(0);
        Tensor y = Tensor.allocate(ElementTypes.of("BitCast", (int) (long) s.attribute("to")), x.dims());
        for (long i = 0; i < y.size(); i++) {
            y.setBits(i, x.getBits(i));
        }
        return y;
    }

    /**
     * Computes costs from the first element on, and then a path back from the last: each step has the least cost, and
     * is the left one if several have it.
     */
    private static Tensor path(Tensor x) {
        int rows = (int) x.dim(x.rank() - 2);
        int columns = (int) x.dim(x.rank() - 1);
        float[][] cost = new float[rows + 1][columns + 1];
        int[][] step = new int[rows + 1][columns + 1];
        for (int r = 0; r <= rows; r++) {
            for (int c = 0; c <= columns; c++) {
                if (r == 0 || c == 0) {
                    cost[r][c] = r == c ? 0 : Float.POSITIVE_INFINITY;
                    step[r][c] = r == 0 ? 2 : 1;
                    continue;
                }
                float both = cost[r - 1][c - 1];
                float down = cost[r - 1][c];
                float right = cost[r][c - 1];
                step[r][c] = both < down && both < right ? 0 : down < both && down < right ? 1 : 2;
                float least = step[r][c] == 0 ? both : step[r][c] == 1 ? down : right;
                cost[r][c] = x.getFloat((long) (r - 1) * columns + c - 1) + least;
            }
        }
        List<int[]> places = new ArrayList<>();
        int r = rows;
        int c = columns;
        while (r > 0 || c > 0) {
            places.addFirst(new int[] {r - 1, c - 1});
            int way = step[r][c];
            r -= way == 2 ? 0 : 1;
            c -= way == 1 ? 0 : 1;
        }
        Tensor y = Tensor.allocate(DType.INT32, 2, places.size());
        for (int i = 0; i < places.size(); i++) {
            y.setLong(i, places.get(i)[0]);
            y.setLong((long) places.size() + i, places.get(i)[1]);
        }
        return y;
    }
}
