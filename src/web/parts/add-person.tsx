// A person is invited: with a name, a role, and a link by which they choose how to sign in.
import { useState, type ReactNode } from 'react'
import type { Welcome } from '#identity/wire.ts'
import type { Role } from '#kernel/role.ts'
import { send } from '../api.ts'
import { changed } from '../load.ts'
import { t } from '../text/language.ts'
import { Check, Input, Select } from '../ui/field.tsx'
import { FormDialog } from './form-dialog.tsx'
import { roleChoices } from './role-choices.ts'

export function AddPerson({
  onClose,
  onDone,
}: {
  readonly onClose: () => void
  readonly onDone: (welcome: Welcome) => void
}): ReactNode {
  const [name, setName] = useState('')
  const [display, setDisplay] = useState('')
  const [role, setRole] = useState<Role>('analyst')
  const [red, setRed] = useState(false)
  const add = async (): Promise<void> => {
    const made = await send<Welcome>('POST', '/users', {
      name: name.trim(),
      ...(display.trim() === '' ? {} : { display: display.trim() }),
      role,
      red,
    })
    changed('/users')
    onDone(made)
  }
  return (
    <FormDialog
      title={t('people.add')}
      verb={t('people.addVerb')}
      whyNot={name.trim() === '' ? t('write.needName') : undefined}
      act={add}
      onClose={onClose}
    >
      <Input
        label={t('welcome.name')}
        hint={t('welcome.nameHint')}
        mono
        maxLength={63}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Input
        label={t('people.display')}
        maxLength={200}
        value={display}
        onChange={(event) => setDisplay(event.target.value)}
      />
      <Select
        label={t('people.role')}
        hint={t(`roleWhy.${role}`)}
        value={role}
        choices={roleChoices()}
        onChange={(event) => setRole(event.target.value as Role)}
      />
      <Check label={t('people.red')} checked={red} onChange={(event) => setRed(event.target.checked)} />
    </FormDialog>
  )
}
