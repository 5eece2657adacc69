package dev.tenon.formats.onnx.writing;

import dev.tenon.formats.onnx.domain.MlDomain;
import dev.tenon.formats.onnx.domain.StandardDomain;
import dev.tenon.formats.onnx.lowering.OperatorTables;

/**
 * The target of a graph that is written.
 *
 * @param operatorSet the version of the main operator set
 * @param standardOnly whether operators of other domains than {@code ai.onnx} and {@code ai.onnx.ml} are forbidden
 * @param tables since when each operator is canonical
 * @param external the tensors that go to a file of their own
 */
public record WriteTarget(int operatorSet, boolean standardOnly, OperatorTables tables, ExternalTensors external) {
    /**
     * Whether operators of a domain may be written.
     *
     * @param domain the domain
     * @return true if they may
     */
    boolean allows(String domain) {
        return !standardOnly || domain.equals(StandardDomain.NAME) || domain.equals(MlDomain.NAME);
    }

    /** The version since which an operator of a domain is canonical, or 0 if its table does not have the operator. */
    int canonicalSince(String domain, String operator) {
        return tables.table(domain).canonicalSince(operator);
    }
}
