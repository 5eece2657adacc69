package dev.tenon.formats.onnx;

import dev.tenon.formats.onnx.domain.MlDomain;
import dev.tenon.formats.onnx.domain.PreviewDomain;
import dev.tenon.formats.onnx.domain.StandardDomain;
import dev.tenon.formats.onnx.lowering.OperatorTables;
import dev.tenon.formats.onnx.lowering.OperatorTables.Domain;
import dev.tenon.formats.onnx.microsoft.MicrosoftDomain;

/** The domains of operators that models may use. A caller may add others. */
final class OnnxDomains {
    /** The tables of the domains. */
    static final OperatorTables TABLES = new OperatorTables(
            new Domain(StandardDomain.NAME, StandardDomain.NEWEST, StandardDomain::rows),
            new Domain(MlDomain.NAME, MlDomain.NEWEST, MlDomain::rows),
            new Domain(PreviewDomain.NAME, StandardDomain.NEWEST, PreviewDomain::rows),
            new Domain(MicrosoftDomain.NAME, StandardDomain.NEWEST, MicrosoftDomain::rows));

    private OnnxDomains() {}
}
