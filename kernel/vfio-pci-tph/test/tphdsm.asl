// SPDX-License-Identifier: GPL-2.0-only
// Test table: the host bridge's _DSM for steering tags (revision 7, function 15). The tags of a
// processor are told from its UID: 0x10, 0x1000 (volatile, 8 and 16 bits), 0x20, 0x2000
// (persistent) plus UID. UID 3 has tags that are not marked valid, and valid ones that are 0: none.
DefinitionBlock ("", "SSDT", 2, "TPHTST", "TPHDSM", 0x00000001)
{
    External (\_SB.PCI0, DeviceObj)
    Scope (\_SB.PCI0)
    {
        Method (_DSM, 4, Serialized)
        {
            If (Arg0 != ToUUID ("e5c937d0-3553-4d7a-9117-ea4d19c3434d")) { Return (Buffer () { 0 }) }
            If (Arg1 < 7) { Return (Buffer () { 0 }) }
            If (Arg2 == 0) { Return (Buffer () { 0x01, 0x80 }) }        // functions 0 and 15
            If (Arg2 != 15) { Return (Buffer () { 0 }) }
            Local0 = DeRefOf (Index (Arg3, 1))                          // processor UID
            Local1 = Buffer (8) {}
            CreateByteField (Local1, 0, VVAL)
            CreateByteField (Local1, 1, VST)
            CreateWordField (Local1, 2, VXST)
            CreateByteField (Local1, 4, PVAL)
            CreateByteField (Local1, 5, PST)
            CreateWordField (Local1, 6, PXST)
            VVAL = 3
            VST = Local0 + 0x10
            VXST = Local0 + 0x1000
            PVAL = 3
            PST = Local0 + 0x20
            PXST = Local0 + 0x2000
            If (Local0 == 3) { VVAL = 0 PST = 0 PXST = 0 }
            Return (Local1)
        }
    }
}
